import type { Store } from '../../../drivers/store/store';

/** Of every store: the platform's own authority. */
export function describeAuthority(store: () => Store): void {
  test('of authorities the first stays, and is replaced by whoever knows it', async () => {
    const [one, two, three] = [1, 2, 3].map((byte) => Buffer.alloc(1000, byte)) as [Buffer, Buffer, Buffer];
    expect(await store().authority()).toBeNull();
    const kept = await Promise.all([store().keepAuthority(one), store().keepAuthority(two)]);
    const first = (await store().authority()) as Buffer;
    expect(kept.every((each) => each.equals(first))).toBe(true);
    const other = first.equals(one) ? two : one;
    expect(await store().renewAuthority(other, three)).toBe(false);
    expect(await store().renewAuthority(first, three)).toBe(true);
    expect((await store().authority())?.equals(three)).toBe(true);
    expect((await store().keepAuthority(one)).equals(three)).toBe(true);
  });
}
