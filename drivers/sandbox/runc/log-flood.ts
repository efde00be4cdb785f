import type { SplitLine } from '../log-line-splitter';

/** What one stream of an instance may say per second. */
const LINES_PER_SECOND = 2000;
const CHARACTERS_PER_SECOND = 4 * 1024 * 1024;

/** Keeps a flooded log within bounds: leaves lines out and says, in the next second, how many. */
export class LogFlood {
  private second = 0;
  private lines = 0;
  private characters = 0;
  private dropped = 0;

  /** The lines to pass on for one that was read at `at` (Unix milliseconds). */
  admit(line: SplitLine, at: number): SplitLine[] {
    const passed: SplitLine[] = [];
    const second = Math.floor(at / 1000);
    if (second !== this.second) {
      passed.push(...this.report());
      this.second = second;
      this.lines = this.characters = 0;
    }
    if (this.lines >= LINES_PER_SECOND || this.characters >= CHARACTERS_PER_SECOND) this.dropped += 1;
    else {
      this.lines += 1;
      this.characters += line.text.length;
      passed.push(line);
    }
    return passed;
  }

  /** The line that tells of those left out since the last one, if any. */
  report(): SplitLine[] {
    if (this.dropped === 0) return [];
    const text = `presage: ${this.dropped} lines were left out here, the log was flooded`;
    this.dropped = 0;
    return [{ invocationId: null, text }];
  }
}
