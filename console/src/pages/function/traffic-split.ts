import type { AliasView, RevisionView } from '../../lib/answers';

/** A weight as it is typed, in percent; empty for none. */
export type TypedWeights = Readonly<Record<number, string>>;
export interface Split {
  readonly weights: readonly { readonly revision: number; readonly weight: number }[];
  /** By revision. */
  readonly problems: Readonly<Record<number, string>>;
  readonly sum: number;
}

/** What an alias points at, as it is typed. */
export function typedWeights(alias: AliasView | undefined): TypedWeights {
  return Object.fromEntries((alias?.weights ?? []).map(({ revision, weight }) => [revision, String(weight)]));
}

/** What was typed, as the API takes it. That the weights sum to 100 and that revisions are ready is for the platform to say. */
export function splitOf(typed: TypedWeights): Split {
  const weights: { revision: number; weight: number }[] = [];
  const problems: Record<number, string> = {};
  for (const [revision, text] of Object.entries(typed)) {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed === '0') continue;
    const weight = Number(trimmed);
    if (!Number.isInteger(weight) || weight < 1 || weight > 100) {
      problems[Number(revision)] = 'must be a whole number from 0 to 100; write e.g. 10';
    } else {
      weights.push({ revision: Number(revision), weight });
    }
  }
  return { weights, problems, sum: weights.reduce((total, { weight }) => total + weight, 0) };
}

/** The revision that a rollback goes to: the newest ready one below all that the alias points at; null: there is none. */
export function revisionBefore(revisions: readonly RevisionView[], live: AliasView | undefined): number | null {
  const oldest = Math.min(...(live?.weights.map(({ revision }) => revision) ?? []));
  const before = revisions
    .filter(({ state, number }) => state === 'ready' && number < oldest)
    .map(({ number }) => number);
  return live && before.length > 0 ? Math.max(...before) : null;
}

/** The share of traffic of a revision under each alias that points at it, e.g. `live 90 %, canary`. */
export function sharesText(revision: number, aliases: readonly AliasView[]): string {
  const shares = aliases.flatMap(({ name, weights }) => {
    const weight = weights.find((share) => share.revision === revision)?.weight;
    return weight === undefined ? [] : [weight === 100 ? name : `${name} ${weight} %`];
  });
  return shares.join(', ') || 'none';
}
