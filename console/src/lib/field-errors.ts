import type { ApiError } from './api';

/** What a refused call says of a field, and of what is in it; undefined: nothing. */
export function fieldError(error: ApiError | undefined, path: string): string | undefined {
  const problems =
    error?.problem.errors?.filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`)) ?? [];
  const texts = problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
  return texts.length === 0 ? undefined : texts.join('; ');
}
