import { constants, openSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { LogLineSplitter, type SplitLine } from '../log-line-splitter';

/**
 * The write end of a log pipe, for the function. Open for reading as well, so that the pipe outlives a dead agent: writes
 * then wait, or are dropped by the shim, and never end the function by SIGPIPE.
 */
export function openWriteEnd(file: string): Promise<FileHandle> {
  return open(file, constants.O_RDWR);
}

/** Reads a log pipe until its last writer is gone. */
export class LogReader {
  readonly ended: Promise<void>;
  private readonly socket: Socket;

  constructor(file: string, onLine: (line: SplitLine) => void) {
    const splitter = new LogLineSplitter();
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    this.socket = new Socket({ fd, readable: true, writable: false });
    this.socket.on('data', (piece: Buffer) => splitter.push(piece).forEach(onLine));
    this.socket.on('error', () => this.socket.destroy());
    this.ended = new Promise((resolve) => {
      this.socket.on('close', () => {
        splitter.end().forEach(onLine);
        resolve();
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }
}
