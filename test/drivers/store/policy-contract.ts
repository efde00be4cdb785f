import { randomUUID } from 'node:crypto';
import type { PolicyTrial } from '../../../core/warming/policy-trial';
import type { Store } from '../../../drivers/store/store';

const trial: PolicyTrial = {
  live: 'presage',
  challenger: 'fixed:10m',
  previous: null,
  probation: 0,
  reverted: ['none'],
};
const verdict = () => ({
  runId: randomUUID(),
  workflowId: 'judge-policies',
  from: new Date('2026-03-01T10:00:00Z'),
  to: new Date('2026-03-01T11:00:00Z'),
  decision: 'promote' as const,
  reason: 'it had cost less',
  prices: [{ policy: 'presage', calls: 12, price: 3.5 }],
});

export function describePolicies(current: () => Store): void {
  describe('policies', () => {
    it('are replaced only by who has seen the last change', async () => {
      const store = current();
      const generation = (await store.policyTrial())?.generation ?? 0;
      const first = await store.setPolicyTrial(trial, generation);
      expect(first).toMatchObject({ ...trial, generation: generation + 1 });
      const refused = { code: 'precondition_failed' };
      await expect(store.setPolicyTrial({ ...trial, live: 'none' }, generation)).rejects.toMatchObject(refused);
      await expect(store.setPolicyTrial({ ...trial, live: 'none' }, generation + 7)).rejects.toMatchObject(refused);
      expect(await store.policyTrial()).toEqual(first);
    });

    it('change with the verdict, once; or neither is written', async () => {
      const store = current();
      const generation = (await store.policyTrial())?.generation ?? 0;
      const one = verdict();
      const next = { ...trial, live: 'fixed:10m', challenger: null, previous: 'presage', probation: 24 };
      await store.writePolicyVerdict(one, { next, generation });
      await store.writePolicyVerdict(one, { next: trial, generation: generation + 1 });
      expect(await store.policyTrial()).toMatchObject({ ...next, generation: generation + 1 });

      const late = verdict();
      await expect(store.writePolicyVerdict(late, { next, generation })).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      const kept = { ...verdict(), decision: 'keep' as const };
      await store.writePolicyVerdict(kept, null);
      const [newest, before] = await store.policyVerdicts(2);
      expect(newest).toEqual({ ...kept, at: expect.any(Date) });
      expect(before).toEqual({ ...one, at: expect.any(Date) });
    });
  });
}
