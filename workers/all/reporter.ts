import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { LogFile } from './process/log-file';

/** Sentences of the supervisor, on the terminal and in its own log. */
export class Reporter {
  private readonly log: LogFile;

  constructor(
    logFolder: string,
    private readonly write: (text: string) => void = (text) => void process.stdout.write(text),
  ) {
    this.log = new LogFile(path.join(logFolder, 'supervisor.log'));
  }

  readonly line = (text: string): void => {
    this.write(`${text}\n`);
    this.log.rotateIfLarge();
    appendFileSync(this.log.file, `${JSON.stringify({ time: new Date().toISOString(), msg: text })}\n`, {
      mode: 0o600,
    });
  };
}
