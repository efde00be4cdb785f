/** Younger ones may be about to serve. */
const YOUNG_MS = 60_000;

interface NodeInstance {
  readonly revisionId: string;
  readonly tenant: string;
  readonly function: string;
  readonly state: string;
  readonly ageMs: number;
}

interface KnownFunction {
  readonly tenant: string;
  readonly name: string;
  /** Fenced: somebody is changing it. */
  readonly placement: { readonly nodes: readonly { readonly node: string }[]; readonly fence: string | null } | null;
  readonly revisions: readonly { readonly id: string }[];
}

/** A revision of which a node holds instances that nobody uses. */
export interface StrayRevision {
  readonly revisionId: string;
  /** Its function is placed elsewhere, or is no more: the node was away when it was told so. */
  readonly reason: 'migration' | 'deleted';
}

/** What rests on a node without belonging there. @param functions all that there are */
export function strayRevisions(
  node: string,
  instances: readonly NodeInstance[],
  functions: readonly KnownFunction[],
): StrayRevision[] {
  const known = new Set(functions.map(({ tenant, name }) => `${tenant}/${name}`));
  const elsewhere = new Set(
    functions
      .filter(({ placement }) => placement?.fence === null && !placement.nodes.some((placed) => placed.node === node))
      .flatMap(({ revisions }) => revisions.map(({ id }) => id)),
  );
  const resting = new Map<string, { rests: boolean; reason: StrayRevision['reason'] }>();
  for (const { revisionId, tenant, function: name, state, ageMs } of instances) {
    const deleted = !known.has(`${tenant}/${name}`);
    if (!deleted && !elsewhere.has(revisionId)) continue;
    const rests = (state === 'idle' || state === 'frozen') && ageMs >= YOUNG_MS;
    resting.set(revisionId, {
      rests: rests && (resting.get(revisionId)?.rests ?? true),
      reason: deleted ? 'deleted' : 'migration',
    });
  }
  return [...resting].flatMap(([revisionId, { rests, reason }]) => (rests ? [{ revisionId, reason }] : []));
}
