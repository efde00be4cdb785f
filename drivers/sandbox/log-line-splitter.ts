const LINE_CAP = 16 * 1024;
const NEWLINE = 0x0a;
const MARK = 0x01;
/** `\x01<invocation>\x02text`, as the runtime shims write it. */
const MARKED = /^\x01([\w.:-]{1,128})\x02/;

/** One line of a function's output, with the invocation that its mark names. */
export interface SplitLine {
  readonly invocationId: string | null;
  readonly text: string;
}

/**
 * Cuts one output pipe of a sandbox into lines and reads their marks. Lines over 16 KiB lose their end, so a function
 * that never ends its line holds no more memory than that.
 */
export class LogLineSplitter {
  private rest: Buffer[] = [];
  private restBytes = 0;

  /** @returns the lines that this piece completes */
  push(piece: Buffer): SplitLine[] {
    const lines: SplitLine[] = [];
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      this.keep(piece.subarray(from, end));
      lines.push(this.take());
      from = end + 1;
    }
    this.keep(piece.subarray(from));
    return lines;
  }

  /** What was written without an end of line, once nothing more comes. */
  end(): SplitLine[] {
    return this.restBytes > 0 ? [this.take()] : [];
  }

  private keep(piece: Buffer): void {
    const part = piece.subarray(0, LINE_CAP - this.restBytes);
    if (part.length === 0) return;
    this.rest.push(Buffer.from(part)); // a copy: the reader uses its buffer again
    this.restBytes += part.length;
  }

  private take(): SplitLine {
    const line = Buffer.concat(this.rest).toString('utf8');
    this.rest = [];
    this.restBytes = 0;
    const mark = line.charCodeAt(0) === MARK ? MARKED.exec(line) : null;
    return { invocationId: mark?.[1] ?? null, text: mark ? line.slice(mark[0].length) : line };
  }
}
