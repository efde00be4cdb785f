import type { Problem } from '../../../core/error/platform-error';

/** A call that was refused, as far as it is looked at: an `ApiError`. */
interface Refusal {
  readonly problem: { readonly errors?: readonly Problem[] | undefined };
}

/** What a refused call says of a field, and of what is in it; undefined: nothing. */
export function fieldError(error: Refusal | undefined, path: string): string | undefined {
  const problems =
    error?.problem.errors?.filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`)) ?? [];
  const texts = problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
  return texts.length === 0 ? undefined : texts.join('; ');
}
