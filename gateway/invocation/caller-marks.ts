import { createHmac, randomFillSync } from 'node:crypto';
import { halfSipHash, type HalfSipKey } from '../../core/crypto/half-sip-hash';
import { deriveKey } from '../../core/crypto/tenant-keys';
import type { RevisionRoute } from './revision-route';
import type { TraceContext } from './trace-context';

/** A function that has called another. */
export interface CallingFunction {
  readonly functionId: string;
  readonly tenant: string;
  readonly function: string;
  /** Where it runs, if that is one node. */
  readonly node: string | null;
}

const HOUR_MS = 3_600_000;
const POOL_WORDS = 1024;
const SPAN = /^[0-9a-f]{16}$/;

/**
 * Knows by the trace of a request which of our functions sends it. Each invocation is a span of its trace, whose id is the
 * mark of its function: half of it is drawn by lot, the other half the function's number under a pad that only gateways can
 * work out from the lot, the trace and the hour. A function passes the mark on with its trace, in `traceparent` or, where it
 * makes spans of its own, in `tracestate`. Nothing is remembered and nothing asked for: every gateway with the same master key
 * reads every mark. See docs/adr/0028.
 */
export class CallerMarks {
  readonly #pad: HalfSipKey;
  readonly #numberKey: Buffer;
  readonly #numbers = new Map<string, number>();
  #functions = new Map<number, CallingFunction>();
  readonly #lots = new Uint32Array(POOL_WORDS);
  #used = POOL_WORDS;

  /** @param masterKey of the platform, the same for all its gateways */
  constructor(masterKey: Buffer) {
    const key = deriveKey(masterKey, 'caller-marks');
    this.#pad = [key.readUInt32LE(0), key.readUInt32LE(4)];
    this.#numberKey = key.subarray(8);
  }

  /** Follows which functions there are. */
  routesChanged(routes: Iterable<RevisionRoute>): void {
    const functions = new Map<number, CallingFunction>();
    for (const { revision, placement } of routes) {
      const { functionId, tenant, function: name } = revision;
      const [first, ...others] = placement?.nodes.filter(({ weight }) => weight > 0) ?? [];
      const node = others.length === 0 ? (first?.node ?? null) : null;
      functions.set(this.#numberOf(functionId), { functionId, tenant, function: name, node });
    }
    for (const [id, number] of this.#numbers) if (!functions.has(number)) this.#numbers.delete(id);
    this.#functions = functions;
  }

  /**
   * A span id for an invocation of the function.
   * @param at when it arrived, Unix milliseconds
   */
  mark(functionId: string, { traceId }: Pick<TraceContext, 'traceId'>, at: number): string {
    const lot = this.#lot();
    const rest = (this.#numberOf(functionId) ^ halfSipHash(this.#pad, padded(lot, traceId, hourOf(at)))) >>> 0;
    return hex(lot) + hex(rest);
  }

  /**
   * The function of the tenant from which a request comes; null where it comes from anybody else, from another tenant's
   * function, or from an invocation of more than an hour or two ago.
   * @param at when the request arrived, Unix milliseconds
   */
  callerOf({ traceId, parentId, own }: TraceContext, tenant: string, at: number): CallingFunction | null {
    if (parentId === null) return null;
    const caller = this.#read(parentId, traceId, at) ?? (own === null ? null : this.#read(own, traceId, at));
    return caller?.tenant === tenant ? caller : null;
  }

  #read(mark: string, traceId: string, at: number): CallingFunction | null {
    if (!SPAN.test(mark)) return null;
    const hour = hourOf(at);
    const rest = word(mark, 8);
    const words = padded(word(mark, 0), traceId, hour);
    // The caller's gateway may have begun the hour a little later or earlier than we.
    for (const when of [hour, hour - 1, hour + 1]) {
      words[HOUR] = when;
      const found = this.#functions.get((rest ^ halfSipHash(this.#pad, words)) >>> 0);
      if (found) return found;
    }
    return null;
  }

  #numberOf(functionId: string): number {
    let number = this.#numbers.get(functionId);
    if (number === undefined) {
      number = createHmac('sha256', this.#numberKey).update(functionId).digest().readUInt32LE(0);
      this.#numbers.set(functionId, number);
    }
    return number;
  }

  /** Never 0, since a span id of zeros alone is none. */
  #lot(): number {
    if (this.#used === POOL_WORDS) {
      randomFillSync(this.#lots);
      this.#used = 0;
    }
    return (this.#lots[this.#used++] as number) || 1;
  }
}

/** Of what is hashed to the pad, where the hour stands. */
const HOUR = 5;

function padded(lot: number, traceId: string, hour: number): number[] {
  return [lot, word(traceId, 0), word(traceId, 8), word(traceId, 16), word(traceId, 24), hour];
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS);
}

function word(digits: string, from: number): number {
  return Number.parseInt(digits.slice(from, from + 8), 16);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
