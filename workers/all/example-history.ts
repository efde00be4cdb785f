import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ApiClient } from '../../cli/api-client';
import { assetPath } from '../../drivers/asset-path';
import type { ClientFile } from '../migrate';

const FILE = 'examples/history/counts.csv.gz';
const SOURCE = 'Azure Functions Trace 2019 (examples/history)';
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Days of the file, the first of which is a Monday. */
const DAYS = 12;

/**
 * Gives functions of `names` a past to forecast from: real traffic of another system, which the platform marks as imported. Who
 * has a past already keeps it as it is. Models of the others are trained at once, in the background. @returns their names
 */
export async function seedExamples(
  names: readonly string[],
  { url, apiKey }: ClientFile,
  now: Date,
): Promise<readonly string[]> {
  const api = new ApiClient({ url, apiKey, tenant: null, from: 'the data folder' });
  const end = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
  const minutes = minutesUntil(end);
  const seeded: string[] = [];
  const lines: string[] = [];
  for (const line of gunzipSync(readFileSync(assetPath(FILE)))
    .toString('utf8')
    .trimEnd()
    .split('\n')) {
    const [name = '', ...counts] = line.split(',');
    if (!names.includes(name)) continue;
    const { items } = await api.get<{ items: readonly unknown[] }>(`/v1/functions/${name}/history`);
    if (items.length > 0) continue;
    lines.push([name, ...counts.slice(0, minutes)].join());
    seeded.push(name);
  }
  if (lines.length === 0) return [];
  await api.send('PUT', '/v1/history', {
    query: { end: end.toISOString(), source: SOURCE },
    body: Buffer.from(lines.join('\n')),
    headers: { 'content-type': 'text/csv' },
  });
  // Not at the next full hour: who starts a platform looks at its forecasts now.
  await api.send('POST', '/v1/forecast/retrain', { json: { functions: seeded } });
  return seeded;
}

/** How much of the file ends at the weekday and minute (UTC) of `end`: as much as there is, five days at least. */
function minutesUntil(end: Date): number {
  const weekday = (end.getUTCDay() + 6) % 7;
  const day = weekday + 7 < DAYS ? weekday + 7 : weekday;
  return day * DAY_MINUTES + end.getUTCHours() * 60 + end.getUTCMinutes();
}
