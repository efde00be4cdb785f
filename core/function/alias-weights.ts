/** One share of an alias: integers from 1 to 100 that sum to 100 over the alias. */
export interface AliasWeight {
  readonly revision: number;
  readonly weight: number;
}

/**
 * `base` with `percent` of its traffic moved to `revision`, the rest shared among the others as before. Integer weights
 * by largest remainder, so that they always sum to 100; shares that round to nothing are left out.
 */
export function shiftWeights(base: readonly AliasWeight[], revision: number, percent: number): AliasWeight[] {
  const others = base.filter((share) => share.revision !== revision && share.weight > 0);
  const total = others.reduce((sum, share) => sum + share.weight, 0);
  if (percent >= 100 || total === 0) return [{ revision, weight: 100 }];
  const left = 100 - percent;
  const exact = others.map((share) => ({ revision: share.revision, value: (share.weight / total) * left }));
  const floors = exact.map((share) => ({ ...share, weight: Math.floor(share.value) }));
  let missing = left - floors.reduce((sum, share) => sum + share.weight, 0);
  for (const share of [...floors].sort((a, b) => b.value - b.weight - (a.value - a.weight))) {
    if (missing-- > 0) share.weight += 1;
  }
  const shares = [
    { revision, weight: percent },
    ...floors.map((share) => ({ revision: share.revision, weight: share.weight })),
  ];
  return shares.filter((share) => share.weight > 0);
}

/** The revision that a number from 0 (inclusive) to 1 (exclusive) falls on. @throws RangeError for no weights */
export function chooseRevision(weights: readonly AliasWeight[], random: number): number {
  let left = random * weights.reduce((sum, share) => sum + share.weight, 0);
  for (const share of weights) {
    left -= share.weight;
    if (left < 0) return share.revision;
  }
  const last = weights.at(-1);
  if (!last) throw new RangeError('an alias without weights points nowhere');
  return last.revision;
}

/** The revision that most of `live` points at; undefined where there is no such alias or revision. */
export function mainRevision<Revision extends { readonly number: number }>(
  aliases: readonly { readonly name: string; readonly weights: readonly AliasWeight[] }[],
  revisions: readonly Revision[],
): Revision | undefined {
  const live = aliases.find(({ name }) => name === 'live');
  const main = live ? [...live.weights].sort((a, b) => b.weight - a.weight)[0] : undefined;
  return revisions.find(({ number }) => number === main?.revision);
}
