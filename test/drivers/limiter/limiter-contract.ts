import { randomUUID } from 'node:crypto';
import type { Limiter } from '../../../drivers/limiter/limiter';

/** What every limiter does, wherever it keeps its counts. */
export function describeLimiter(name: string, create: () => Limiter): void {
  describe(`limiter: ${name}`, () => {
    let limiter: Limiter;
    let key: string;
    beforeEach(() => {
      limiter = create();
      key = randomUUID();
    });
    afterEach(() => limiter.close());

    test('takes as many as the rule says and counts what is left', async () => {
      const rule = { requests: 3, windowSeconds: 60 };
      const states = [];
      for (let i = 0; i < 5; i++) states.push(await limiter.take(key, rule));
      expect(states.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false]);
      expect(states.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
      for (const { resetMs } of states) {
        expect(resetMs).toBeGreaterThan(50_000);
        expect(resetMs).toBeLessThanOrEqual(60_000);
      }
    });

    test('takes exactly that many of those that come at once', async () => {
      const rule = { requests: 10, windowSeconds: 60 };
      const states = await Promise.all(Array.from({ length: 25 }, () => limiter.take(key, rule)));
      expect(states.filter(({ allowed }) => allowed)).toHaveLength(10);
    });

    test('begins again when the window is over', async () => {
      const rule = { requests: 1, windowSeconds: 1 };
      expect((await limiter.take(key, rule)).allowed).toBe(true);
      const refused = await limiter.take(key, rule);
      expect(refused.allowed).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, refused.resetMs + 50));
      expect((await limiter.take(key, rule)).allowed).toBe(true);
    });

    test('keeps keys apart', async () => {
      const rule = { requests: 1, windowSeconds: 60 };
      expect((await limiter.take(`${key}/a`, rule)).allowed).toBe(true);
      expect((await limiter.take(`${key}/b`, rule)).allowed).toBe(true);
    });

    test('goes on counting where the rule changes', async () => {
      for (let i = 0; i < 3; i++) await limiter.take(key, { requests: 5, windowSeconds: 60 });
      expect(await limiter.take(key, { requests: 2, windowSeconds: 60 })).toMatchObject({ allowed: false });
      expect(await limiter.take(key, { requests: 6, windowSeconds: 60 })).toMatchObject({
        allowed: true,
        remaining: 1,
      });
    });
  });
}
