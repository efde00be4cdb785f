import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { LogLineSplitter, type SplitLine } from '../log-line-splitter';
import { LogFlood } from './log-flood';

/**
 * Reads the pipe behind a descriptor of another process, opened anew: the process keeps both ends of its own, so it
 * never feels this reader come or go, and this reader sees the end when the last process that holds the pipe is dead.
 */
export class LogReader {
  private readonly socket: Socket;
  private readonly splitter = new LogLineSplitter();
  private readonly flood = new LogFlood();
  private ended = false;

  /** @throws Error when the process has no such descriptor */
  constructor(
    pid: number,
    descriptor: number,
    private readonly deliver: (line: SplitLine, at: number) => void,
    onEnd: () => void,
  ) {
    const fd = openSync(`/proc/${pid}/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK);
    this.socket = new Socket({ fd, readable: true, writable: false });
    this.socket.on('data', (piece: Buffer) => this.pass(this.splitter.push(piece)));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      if (this.ended) return;
      this.finish();
      onEnd();
    });
  }

  /** Stops reading; what has been read is delivered. */
  close(): void {
    if (!this.ended) this.finish();
    this.socket.destroy();
  }

  private pass(lines: readonly SplitLine[]): void {
    const at = Date.now();
    for (const line of lines) for (const passed of this.flood.admit(line, at)) this.deliver(passed, at);
  }

  private finish(): void {
    this.ended = true;
    this.pass(this.splitter.end());
    for (const line of this.flood.report()) this.deliver(line, Date.now());
  }
}
