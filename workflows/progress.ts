import { setCurrentDetails } from '@temporalio/workflow';

/** The steps of a workflow as a Markdown list in its current details, so that the Temporal UI shows where it is. */
export class Progress {
  private readonly lines: string[] = [];
  private current: string | null = null;

  constructor(private readonly title: string) {
    this.show();
  }

  /** Ends the step before and begins this one. */
  begin(step: string): void {
    this.end();
    this.current = step;
    this.show();
  }

  /** Adds a remark to the step under way. */
  note(text: string): void {
    this.current = this.current === null ? text : `${this.current}: ${text}`;
    this.show();
  }

  /** All done, or failed with this sentence. */
  finish(result: string): void {
    this.end();
    this.lines.push(`- **${result}**`);
    this.show();
  }

  private end(): void {
    if (this.current !== null) this.lines.push(`- ✓ ${this.current}`);
    this.current = null;
  }

  private show(): void {
    const open = this.current === null ? [] : [`- … ${this.current}`];
    setCurrentDetails([`### ${this.title}`, ...this.lines, ...open].join('\n'));
  }
}
