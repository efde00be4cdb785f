import { PlatformError } from '../error/platform-error';

/** One function's past in a set that models are trained on. */
export interface NamedHistory {
  readonly functionId: string;
  readonly tenant: string;
  readonly function: string;
  /** Minutes since 1970, UTC, of the first count. */
  readonly firstMinute: number;
  /** Requests of each minute: whole numbers, not negative. */
  readonly counts: Float64Array;
}

/** Named in the first bytes, so that another kind of artefact is not taken for one. */
const MAGIC = 'presage-history-1\n';
/** A count of 0 stands for a run of zeros, whose length follows: most minutes of most functions are empty. */
const ZEROS = 0;

/** Histories as bytes, equal for equal histories. @throws PlatformError invalid_argument for counts that are not whole or are negative */
export function encodeHistories(histories: readonly NamedHistory[]): Uint8Array {
  const out = new Bytes();
  out.text(MAGIC);
  const names = histories.map(({ functionId, tenant, function: name }) => [functionId, tenant, name]);
  const header = new TextEncoder().encode(JSON.stringify(names));
  out.number(header.length);
  out.append(header);
  for (const { firstMinute, counts } of histories) {
    out.number(firstMinute);
    out.number(counts.length);
    for (let minute = 0; minute < counts.length; minute++) {
      const count = counts[minute] as number;
      if (!Number.isSafeInteger(count) || count < 0) {
        throw new PlatformError('invalid_argument', `A history has the count ${count}, which is no number of requests`);
      }
      out.number(count);
      if (count !== ZEROS) continue;
      const from = minute;
      while (counts[minute + 1] === 0) minute++;
      out.number(minute - from);
    }
  }
  return out.done();
}

/** @throws PlatformError invalid_argument for bytes that `encodeHistories` has not written */
export function decodeHistories(bytes: Uint8Array): NamedHistory[] {
  const input = new Reader(bytes);
  if (input.text(MAGIC.length) !== MAGIC) throw broken();
  const names = namesIn(input.text(input.number()));
  const histories = names.map(([functionId, tenant, name]) => {
    const firstMinute = input.number();
    const length = input.number();
    if (length > MOST_MINUTES) throw broken();
    const counts = new Float64Array(length);
    for (let minute = 0; minute < length; minute++) {
      const count = input.number();
      counts[minute] = count;
      if (count === ZEROS) minute += input.number();
    }
    return { functionId, tenant, function: name, firstMinute, counts };
  });
  if (!input.atEnd) throw broken();
  return histories;
}

/** A hundred years: more is a length that was misread. */
const MOST_MINUTES = 52_600_000;

function namesIn(text: string): [string, string, string][] {
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch (error) {
    throw broken(error);
  }
  const known = (row: unknown): row is [string, string, string] =>
    Array.isArray(row) && row.length === 3 && row.every((part) => typeof part === 'string');
  if (!Array.isArray(names) || !names.every(known)) throw broken();
  return names;
}

function broken(cause?: unknown): PlatformError {
  return new PlatformError('invalid_argument', 'These bytes are no histories: they were changed or cut off', { cause });
}

/** Bytes that grow. Numbers are written in groups of seven bits, the lowest first. */
class Bytes {
  #bytes = new Uint8Array(4096);
  #length = 0;

  number(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  text(text: string): void {
    this.append(new TextEncoder().encode(text));
  }

  append(bytes: Uint8Array): void {
    for (const byte of bytes) this.#byte(byte);
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = value;
  }
}

class Reader {
  #at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.#at === this.bytes.length;
  }

  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw broken();
      value += (byte % 128) * unit;
      if (!Number.isSafeInteger(value)) throw broken();
      if (byte < 128) return value;
    }
  }

  text(length: number): string {
    if (this.#at + length > this.bytes.length) throw broken();
    this.#at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.#at - length, this.#at));
  }
}
