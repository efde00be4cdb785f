import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InvalidArgumentError, Option } from 'commander';
import { PlatformError } from '../../core/error/platform-error';
import type { HistoryDayResource, HistoryImportResource } from '../api-resources';
import { functionPath, type ContextOf } from '../command-context';
import { listVerb } from '../list-verb';
import { timeOption } from '../option-values';
import { removeVerb } from '../remove-verb';
import type { Verb } from '../verb';

interface ImportOptions {
  readonly at?: string;
  readonly end?: string;
  readonly map?: ReadonlyMap<string, string>;
  readonly source?: string;
  readonly dryRun?: boolean;
}

const MINUTE_MS = 60_000;
const GZIP = Buffer.from([0x1f, 0x8b]);

/** The past that forecasts learn from, another system's among it. */
export function addHistory(program: Verb, contextOf: ContextOf): void {
  const history = program.command('history').description('the past that forecasts learn from');

  history
    .command('import')
    .description('import requests a minute that another system counted; a file of lines id,c0,c1,…, also as .gz')
    .argument('<file>', 'the file')
    .addOption(new Option('--at <time>', 'its first minute, e.g. 2026-11-01T00:00:00Z').argParser(minuteOption))
    .addOption(
      new Option('--end <time>', 'the end of its last minute; default: now').argParser(minuteOption).conflicts('at'),
    )
    .addOption(
      new Option('--map <id=function,...>', 'functions for ids of the file; its other lines are left out').argParser(
        mapOption,
      ),
    )
    .option('--source <text>', 'where it comes from; default: the name of the file')
    .option('--dry-run', 'check everything, change nothing')
    .calls('PUT /v1/history')
    .example('presage history import counts.csv --end 2026-11-23T00:00:00Z --map old-name=hello --dry-run')
    .action(async (file: string, { at, end, map, source, dryRun }: ImportOptions, command: Verb) => {
      const { api, output, terminal } = contextOf(command);
      const text = await readCounts(path.resolve(terminal.cwd, file));
      const answer = await api.send<HistoryImportResource>('PUT', '/v1/history', {
        query: { from: at, end, source: source ?? path.basename(file), dryRun },
        body: Buffer.from(map ? renamed(text, map) : text),
        headers: { 'content-type': 'text/csv' },
      });
      await output.list(
        answer.items,
        [
          ['FUNCTION', (row) => row.function],
          ['FROM', (row) => row.from],
          ['TO', (row) => row.to],
          ['MINUTES', (row) => row.minutes],
          ['REQUESTS', (row) => row.total],
        ],
        'Nothing was imported',
      );
      if (answer.dryRun) output.note('Nothing was changed: it was a dry run');
      else if (answer.changedDays === 0) output.note('All of it had been imported before');
    });

  listVerb<HistoryDayResource>(
    history
      .command('show')
      .description('by UTC day: what was imported, and what the platform counted itself')
      .argument('<function>', 'the function')
      .example('presage history show hello'),
    contextOf,
    'GET /v1/functions/{name}/history',
    {
      whole: true,
      columns: [
        ['DAY', (row) => row.day.slice(0, 10)],
        ['IMPORTED', (row) => row.imported],
        ['MINUTES', (row) => row.importedMinutes],
        ['OWN', (row) => row.own],
        ['IMPORTED FROM', (row) => row.source],
      ],
      none: (name) => `Nothing is known of the past of ${name}`,
    },
  );

  removeVerb(
    history
      .command('delete')
      .alias('rm')
      .description('forget what was imported for a function; what the platform counted itself stays')
      .argument('<function>', 'the function')
      .calls('GET /v1/functions/{name}/history')
      .example('presage history delete hello --dry-run', 'presage history delete hello'),
    contextOf,
    'DELETE /v1/functions/{name}/history',
    {
      told: (name) => `What was imported for ${name} is forgotten`,
      look: async ({ api }, [name = '']) => {
        const { items } = await api.get<{ items: readonly HistoryDayResource[] }>(functionPath(name, '/history'));
        const days = items.filter(({ importedMinutes }) => importedMinutes > 0);
        const requests = days.reduce((sum, { imported }) => sum + imported, 0);
        const text = `${requests} imported requests of ${days.length} days would be forgotten for ${name}`;
        return { facts: { function: name, days: days.length, requests }, text };
      },
    },
  );
}

/** A time as `timeOption`, at the begin of its minute. */
function minuteOption(text: string): string {
  return new Date(Math.floor(Date.parse(timeOption(text)) / MINUTE_MS) * MINUTE_MS).toISOString();
}

function mapOption(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const pair of text.split(',')) {
    const [, id, name] = /^(.+)=([^=]+)$/.exec(pair.trim()) ?? [];
    if (id === undefined || name === undefined) throw new InvalidArgumentError('Write id=function,id=function.');
    if (map.has(id)) throw new InvalidArgumentError(`It names ${id} twice.`);
    map.set(id, name);
  }
  return map;
}

async function readCounts(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new PlatformError('invalid_argument', `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  });
  if (!bytes.subarray(0, 2).equals(GZIP)) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    throw new PlatformError('invalid_argument', `${file} is not complete gzip: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The lines of the ids in the map, under their functions' names. @throws PlatformError invalid_argument for ids that the file lacks */
function renamed(text: string, map: ReadonlyMap<string, string>): string {
  const missing = new Set(map.keys());
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const comma = line.indexOf(',');
    const id = line.slice(0, Math.max(0, comma));
    const name = map.get(id);
    if (name === undefined) continue;
    missing.delete(id);
    lines.push(name + line.slice(comma));
  }
  if (missing.size === 0) return lines.join('\n');
  throw new PlatformError('invalid_argument', 'The file lacks ids that --map names', {
    problems: [...missing].map((id) => ({ path: '--map', message: `${id} is not in the file` })),
  });
}
