import { Progress } from './progress';
import { colourOf, type Terminal } from './terminal';

export const OUTPUT_FORMATS = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A table's column: its heading and what a row says in it. */
export type Column<T> = readonly [heading: string, cell: (row: T) => string | number | null | undefined];

/** Results go to stdout in the form the user chose; what is only said along the way goes to stderr. */
export class Output {
  readonly colour: ReturnType<typeof colourOf>;
  readonly noteColour: ReturnType<typeof colourOf>;

  constructor(
    private readonly terminal: Terminal,
    readonly format: OutputFormat,
    private readonly quiet: boolean,
  ) {
    this.colour = colourOf(terminal.stdout, terminal.env);
    this.noteColour = colourOf(terminal.stderr, terminal.env);
  }

  /** A list; `none` is said when it is empty. */
  async list<T>(rows: readonly T[], columns: readonly Column<T>[], none: string): Promise<void> {
    if (this.format !== 'table') return this.value(rows);
    if (rows.length === 0) this.note(none);
    else this.line(await this.table(rows, columns));
  }

  /** One thing: its fields as JSON or YAML, or the text that `text` makes for people. */
  async item(value: unknown, text: () => string | Promise<string>): Promise<void> {
    if (this.format === 'table') this.line(await text());
    else await this.value(value);
  }

  /** What was done, which the answer of the platform tells to programs. */
  async done(value: unknown, text: string): Promise<void> {
    if (this.format === 'table') this.note(text);
    else await this.value(value);
  }

  /** What would have been done. */
  async dryRun(value: object, text: string): Promise<void> {
    await this.item({ dryRun: true, ...value }, () => text);
    this.note('Nothing was changed: it was a dry run');
  }

  /** Rows under headings, without lines, as wide as their content. */
  async table<T>(rows: readonly T[], columns: readonly Column<T>[]): Promise<string> {
    const { default: Table } = await import('cli-table3');
    const bare = [
      'top',
      'top-mid',
      'top-left',
      'top-right',
      'bottom',
      'bottom-mid',
      'bottom-left',
      'bottom-right',
      'left',
    ];
    const chars = Object.fromEntries(
      [...bare, 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'].map((k) => [k, '']),
    );
    const table = new Table({
      head: columns.map(([heading]) => this.colour('dim', heading)),
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2, compact: true },
      chars,
    });
    for (const row of rows) table.push(columns.map(([, cell]) => String(cell(row) ?? '-')));
    return trimmed(table.toString());
  }

  /** Names and values, one a line. */
  fields(pairs: readonly (readonly [name: string, value: string | number | null | undefined])[]): string {
    const width = Math.max(...pairs.map(([name]) => name.length));
    return pairs.map(([name, value]) => `${this.colour('dim', name.padEnd(width))}  ${value ?? '-'}`).join('\n');
  }

  line(text: string): void {
    this.terminal.stdout.write(`${text}\n`);
  }

  /** Progress and confirmations, which `--quiet` drops. */
  note(text: string): void {
    if (!this.quiet) this.terminal.stderr.write(`${text}\n`);
  }

  /**
   * Tells what takes a while: each step on a line of its own, and on a terminal how long the step under way has taken.
   * Must be ended.
   */
  progress(): Progress {
    return new Progress(this.terminal.stderr, this.quiet, (text) => this.noteColour('dim', text));
  }

  private async value(value: unknown): Promise<void> {
    if (this.format === 'json') return this.line(JSON.stringify(value, null, 2));
    const { stringify } = await import('yaml');
    this.line(stringify(value).trimEnd());
  }
}

function trimmed(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
