import type { Store } from '../../../drivers/store/store';

/** Of every store: placement policies that objects declare. */
export function describeDeclaredPolicies(store: () => Store): void {
  const policy = (tenant: string, name: string, generation = 1, spec: unknown = { maxMoves: 1 }) => ({
    tenant,
    name,
    uid: `uid-of-${name}`,
    generation,
    spec,
  });

  test('declared policies are the last that were given', async () => {
    const kind = 'PlacementPolicy';
    await store().replaceDeclaredPolicies(kind, [policy('zoo', 'b'), policy('acme', 'b'), policy('acme', 'a')]);
    expect((await store().declaredPolicies(kind)).map(({ tenant, name }) => `${tenant}/${name}`)).toEqual([
      'acme/a',
      'acme/b',
      'zoo/b',
    ]);

    const next = policy('acme', 'a', 2, { maxMoves: 2, text: 'a "quoted" ☃' });
    await store().replaceDeclaredPolicies(kind, [next]);
    expect(await store().declaredPolicies(kind)).toEqual([{ kind, ...next }]);

    await store().replaceDeclaredPolicies(kind, [next]);
    expect(await store().declaredPolicies(kind)).toHaveLength(1);
    await store().replaceDeclaredPolicies(kind, []);
    expect(await store().declaredPolicies(kind)).toEqual([]);
  });
}
