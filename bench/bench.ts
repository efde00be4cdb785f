import type { Figure } from './harness/report';

/** What a bench is asked to do. */
export interface BenchRequest {
  /** Fewer samples: shows that it runs, proves nothing. */
  readonly quick: boolean;
  /** `--data`: a folder of traces, for benches that replay some. */
  readonly data: string | undefined;
  /** The bench's own options as they were typed. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** One line for whoever watches. */
  readonly log: (text: string) => void;
}

export interface BenchResult {
  readonly figures: Figure[];
  /** Markdown under the table of figures, line by line. */
  readonly sections: string[];
}

/** One bench of `npm run bench`. */
export interface Bench {
  readonly name: string;
  /** One line for the list. */
  readonly description: string;
  /** Options beyond those that all benches take: name to help. Each takes a value. */
  readonly options?: Readonly<Record<string, string>>;
  run(request: BenchRequest): Promise<BenchResult>;
}

/** A whole number above 0 among the bench's own options. @throws RangeError that names the option */
export function countOption(request: BenchRequest, name: string, otherwise: number): number {
  const text = request.values[name];
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`--${name} must be a whole number above 0, not "${text}"`);
  }
  return count;
}
