import type { ReadStream } from 'node:tty';
import type { CommandContext } from '../command-context';
import type { Column } from '../output';
import { showMs } from '../quantities';
import { pause } from '../server-events';
import { isPlatformError } from '../../core/error/platform-error';
import { sorted, SORTS, type Sort, type TopRow } from './top-rows';

const ALTERNATE = '\u001b[?1049h\u001b[?25l';
const BACK = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H\u001b[J';
const KEYS = Object.entries(SORTS).map(([key, sort]) => `${key} ${sort}`).join(' · '); // prettier-ignore

export const COLUMNS: readonly Column<TopRow>[] = [
  ['FUNCTION', (row) => row.function],
  ['CALLS/S', (row) => row.rate.toFixed(row.rate < 10 ? 2 : 0)],
  ['ERRORS', (row) => row.errors],
  ['P50', (row) => row.p50Ms && showMs(row.p50Ms)],
  ['P95', (row) => row.p95Ms && showMs(row.p95Ms)],
  ['HOT', (row) => row.starts.hot],
  ['WARM', (row) => row.starts.warm],
  ['RESTORED', (row) => row.starts.restore],
  ['COLD', (row) => row.starts.cold],
  ['RUNNING', (row) => row.rungs.running],
  ['FROZEN', (row) => row.rungs.frozen],
  ['IMAGES', (row) => row.rungs.checkpoints],
  ['$/HOUR', (row) => row.costPerHour.toFixed(6)],
];

/**
 * Shows what `look` finds again and again, until q or Ctrl-C. A platform that is away is told of, and looked at again.
 * @throws PlatformError what a retry cannot help
 */
export async function liveScreen(
  context: CommandContext,
  look: () => Promise<TopRow[]>,
  { sort, everyMs }: { sort: Sort; everyMs: number },
): Promise<void> {
  const { terminal, output } = context;
  const { stdin, stdout } = terminal as unknown as { stdin: ReadStream; stdout: NodeJS.WriteStream };
  const stop = new AbortController();
  const stopNow = (): void => stop.abort();
  terminal.stopped.addEventListener('abort', stopNow);
  let by = sort;
  let rows: TopRow[] = [];
  let away: string | undefined;
  const draw = async (): Promise<void> => {
    const head = `${new Date().toISOString().slice(11, 19)}  ${rows.length} functions, by ${by}  ${output.colour('dim', `${KEYS} · q quit`)}`;
    const table = (await output.table(sorted(rows, by), COLUMNS)).split('\n').slice(0, Math.max(2, (stdout.rows || 24) - 3)); // prettier-ignore
    stdout.write(`${HOME}${[head, away === undefined ? '' : output.colour('red', away), ...table].join('\n')}`);
  };
  const onKey = (key: Buffer): void => {
    const letter = key.toString();
    // Ctrl-C comes as a letter while keys are read one by one.
    if (letter === 'q' || letter === '\u0003') return stopNow();
    if (!(letter in SORTS)) return;
    by = SORTS[letter as keyof typeof SORTS];
    void draw();
  };
  stdout.write(ALTERNATE);
  stdin.setRawMode(true);
  stdin.on('data', onKey);
  stdin.resume();
  try {
    while (!stop.signal.aborted) {
      try {
        rows = await look();
        away = undefined;
      } catch (error) {
        if (!isPlatformError(error) || !error.retryable) throw error;
        away = `The connection is lost, trying again: ${error.message}`;
      }
      await draw();
      await pause(everyMs, stop.signal);
    }
  } finally {
    terminal.stopped.removeEventListener('abort', stopNow);
    stdin.off('data', onKey);
    stdin.setRawMode(false);
    stdin.pause();
    stdout.write(BACK);
  }
}
