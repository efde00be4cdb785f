import type { Problem } from '../error/platform-error';

/** One line of a file of counts: a name, and how many requests came in each minute, the oldest first. */
export interface CountsLine {
  readonly id: string;
  readonly counts: Int32Array;
  /** Their sum. */
  readonly total: number;
}

/** What a file may hold at most. */
export interface CountsBounds {
  readonly lines: number;
  /** Minutes of a line. */
  readonly minutes: number;
}

/** The largest count that is taken, of one minute. */
export const MOST_COUNT = 1_000_000_000;
const ID_LENGTH = 200;
/** So much of a value that is no count is shown. */
const SHOWN = 20;
const [COMMA, NEWLINE, RETURN, ZERO, NINE] = [44, 10, 13, 48, 57];
const SMALLEST_BUFFER = 1_024;

/**
 * Reads the counts format of traces, `id,c0,c1,…` without a header, in pieces as they come: a piece may end anywhere, and
 * costs time in proportion to its own length. Problems are gathered, one for each line at most, and the line is left out.
 */
export class CountsReader {
  readonly #lines: CountsLine[] = [];
  readonly #problems: Problem[] = [];
  readonly #seen = new Set<string>();
  #number = 1;
  #id = '';
  #inId = true;
  #counts = new Int32Array(SMALLEST_BUFFER);
  #length = 0;
  #total = 0;
  #value = 0;
  /** The start of the current value as it was written. */
  #text = '';
  #digitsOnly = true;
  #bad: { readonly position: number; readonly text: string } | null = null;
  #badValues = 0;

  constructor(private readonly bounds: CountsBounds) {}

  push(piece: string): void {
    for (let i = 0; i < piece.length; i++) {
      const code = piece.charCodeAt(i);
      if (code === NEWLINE) this.#endLine();
      else if (code === RETURN) continue;
      else if (this.#inId) {
        if (code === COMMA) this.#inId = false;
        else if (this.#id.length <= ID_LENGTH) this.#id += piece[i];
      } else if (code === COMMA) this.#endValue();
      else {
        if (this.#text.length < SHOWN) this.#text += piece[i];
        if (code >= ZERO && code <= NINE) this.#value = Math.min(2 * MOST_COUNT, this.#value * 10 + code - ZERO);
        else this.#digitsOnly = false;
      }
    }
  }

  /** What was read. With any problem nothing of the file should be used. */
  end(): { readonly lines: readonly CountsLine[]; readonly problems: readonly Problem[] } {
    if (this.#id !== '' || !this.#inId) this.#endLine();
    if (this.#lines.length === 0 && this.#problems.length === 0) {
      this.#problems.push({ path: 'file', message: 'holds no lines', hint: FORMAT });
    }
    return { lines: this.#lines, problems: this.#problems };
  }

  #endValue(): void {
    if (this.#text === '' || !this.#digitsOnly || this.#value > MOST_COUNT) {
      this.#bad ??= { position: this.#length, text: this.#text };
      this.#badValues++;
    }
    // What is too much is counted and not kept.
    if (this.#length < this.bounds.minutes) {
      if (this.#length === this.#counts.length) {
        const larger = new Int32Array(2 * this.#counts.length);
        larger.set(this.#counts);
        this.#counts = larger;
      }
      this.#counts[this.#length] = this.#value;
    }
    this.#length++;
    this.#total += this.#value;
    this.#value = 0;
    this.#text = '';
    this.#digitsOnly = true;
  }

  #endLine(): void {
    const empty = this.#inId && this.#id === '';
    if (!this.#inId) this.#endValue();
    if (!empty) this.#takeLine();
    this.#number++;
    this.#id = '';
    this.#inId = true;
    this.#length = 0;
    this.#total = 0;
    this.#bad = null;
    this.#badValues = 0;
  }

  #takeLine(): void {
    const id = this.#id;
    const problem = this.#problemOfLine();
    if (problem) this.#problems.push({ path: `line ${this.#number}`, ...problem });
    else this.#lines.push({ id, counts: this.#counts.slice(0, this.#length), total: this.#total });
    this.#seen.add(id);
  }

  #problemOfLine(): Omit<Problem, 'path'> | null {
    const { lines, minutes } = this.bounds;
    if (this.#inId) return { message: 'is a name without counts', hint: FORMAT };
    if (this.#id === '') return { message: 'has no name before its first comma', hint: FORMAT };
    if (this.#id.length > ID_LENGTH) return { message: `has a name longer than ${ID_LENGTH} characters`, hint: FORMAT };
    if (this.#seen.has(this.#id)) return { message: `names ${this.#id} a second time` };
    if (this.#seen.size >= lines) return { message: `is beyond the ${lines} lines that one file may have` };
    if (this.#length > minutes) return { message: `has ${this.#length} minutes; ${minutes} are the most` };
    if (!this.#bad) return null;
    const others = this.#badValues > 1 ? `, and ${this.#badValues - 1} more values are wrong` : '';
    return {
      message: `(${this.#id}): minute ${this.#bad.position} is ${JSON.stringify(this.#bad.text)}${others}`,
      hint: `A count is a whole number from 0 to ${MOST_COUNT}, in digits.`,
    };
  }
}

const FORMAT = 'Each line is id,c0,c1,… with a count for each minute and without a header.';
