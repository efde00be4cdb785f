import { PlatformError } from '../core/error/platform-error';
import { problemsOf } from '../core/function/manifest';
import { runSpecSchema, type RunSpec } from '../core/function/run-spec';

const MOST = 2_000;

/**
 * Run specs by their JSON text: callers send the same text for each request of a revision, and reading it is most of
 * what a hot Acquire would cost. The text, not the revision id, is the key: secrets may change within a revision.
 */
export class RunSpecCache {
  readonly #byText = new Map<string, RunSpec>();

  /** @throws PlatformError invalid_argument */
  parse(text: string): RunSpec {
    const known = this.#byText.get(text);
    if (known) return known;
    const run = parseRunSpec(text);
    const [oldest] = this.#byText.keys();
    if (this.#byText.size >= MOST && oldest !== undefined) this.#byText.delete(oldest);
    this.#byText.set(text, run);
    return run;
  }
}

function parseRunSpec(text: string): RunSpec {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PlatformError('invalid_argument', 'The run spec is not JSON', { cause: error });
  }
  const result = runSpecSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = problemsOf(result.error);
  throw new PlatformError('invalid_argument', `The run spec has ${problems.length} problem(s)`, { problems });
}
