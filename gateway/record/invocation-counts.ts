import { START_KINDS, type StartKind } from '../../core/start/start';
import type { InvocationRecord } from '../../drivers/store/store';

/** Functions that are counted apart; those beyond are counted together, so that a tenant with many cannot fill the memory. */
const MAX_FUNCTIONS = 500;
const STARTS = [...START_KINDS, 'none'] as const;
/** Of status codes: by their first digit. */
const CLASSES = 10;

type Labels = Record<'tenant' | 'function' | 'start' | 'code', string>;
interface FunctionCounts {
  readonly tenant: string;
  readonly function: string;
  /** By start, then by class of the status code. */
  readonly counts: Uint32Array;
}

/** Counts invocations until somebody asks: a look-up by labels for each would cost more than all else of a count. */
export class InvocationCounts {
  readonly #functions = new Map<string, FunctionCounts>();
  readonly #others = countsOf('other', 'other');

  add({ functionId, tenant, function: name, kind, status }: InvocationRecord): void {
    let of = this.#functions.get(functionId);
    if (!of) {
      of = this.#functions.size < MAX_FUNCTIONS ? countsOf(tenant, name) : this.#others;
      if (of !== this.#others) this.#functions.set(functionId, of);
    }
    const place = startPlace(kind) * CLASSES + Math.min(CLASSES - 1, Math.floor(status / 100));
    of.counts[place] = (of.counts[place] as number) + 1;
  }

  /** Hands over what was counted since the last time. */
  drain(take: (labels: Labels, count: number) => void): void {
    for (const { tenant, function: name, counts } of [...this.#functions.values(), this.#others]) {
      for (const [place, count] of counts.entries()) {
        if (count === 0) continue;
        const start = STARTS[Math.floor(place / CLASSES)] ?? 'none';
        take({ tenant, function: name, start, code: `${place % CLASSES}xx` }, count);
      }
      counts.fill(0);
    }
  }
}

function countsOf(tenant: string, name: string): FunctionCounts {
  return { tenant, function: name, counts: new Uint32Array(STARTS.length * CLASSES) };
}

function startPlace(kind: StartKind | null): number {
  return STARTS.indexOf(kind ?? 'none');
}
