import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openProbe, type Probe } from '../../bench/harness/http-probe';
import { AsyncLedger } from '../../bench/mixed/async-ledger';
import { MixedRequests } from '../../bench/mixed/mixed-requests';

/** What the platform that the ledger sees does wrong. */
interface Faults {
  refusals?: number;
  forgets?: boolean;
  state?: string;
  newIdEachTime?: boolean;
  lines?: (key: string) => string[];
  answers?: (key: string) => string;
}

let server: Server;
let probe: Probe;
let requests: MixedRequests;
let faults: Faults;
let keys: Map<string, string>;

beforeEach(async () => {
  faults = {};
  keys = new Map();
  let refused = 0;
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const key = url.searchParams.get('key');
    const send = (status: number, body: object): void => void response.writeHead(status).end(JSON.stringify(body));
    if (key !== null) {
      if (refused++ < (faults.refusals ?? 0)) return send(503, { code: 'unavailable' });
      const id = faults.newIdEachTime ? `id-${keys.size}` : `id-of-${key}`;
      keys.set(id, key);
      return send(202, { id });
    }
    if (url.pathname.endsWith('/logs')) {
      const lines = [...keys.values()].flatMap(faults.lines ?? ((each) => [`done ${each} 1`]));
      return send(200, { items: lines.map((text, index) => ({ id: String(index), text })), next: null });
    }
    const known = keys.get(url.pathname.split('/')[3] ?? '');
    if (known === undefined || faults.forgets) return send(404, {});
    if (url.pathname.endsWith('/result')) return send(200, { key: (faults.answers ?? String)(known) });
    return send(200, { state: faults.state ?? 'succeeded', endedAt: faults.state === 'running' ? null : 'now' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const platform = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'k' };
  probe = openProbe(platform.url, platform.apiKey);
  requests = new MixedRequests(platform, () => performance.now());
});
afterEach(() => {
  probe.close();
  requests.close();
  server.closeAllConnections();
  server.close();
});

/** Two keys, each asked for again after it was accepted, where `random` is 0. */
async function verdict(change: Faults, random = 0) {
  faults = change;
  const ledger = new AsyncLedger(requests, () => random);
  const outcomes = [...(await ledger.ask('f', 5)), ...(await ledger.ask('f', 5))];
  const judged = await ledger.judge(probe, 250);
  return { ...judged, failures: outcomes.map(({ failure }) => failure) };
}

const fine = { accepted: 2, lost: [], unanswered: [], twice: [], seen: 2, left: 0 };

test('what is answered once under its key is fine, however often it was asked for', async () => {
  expect(await verdict({ refusals: 1 })).toEqual({ ...fine, failures: ['503 unavailable', null, null, null, null] });
});

test.each<[string, Faults, object]>([
  ['lost', { forgets: true }, { lost: ['key-1', 'key-2'] }],
  ['a dead letter', { state: 'dead' }, { unanswered: ['key-1', 'key-2'] }],
  ['never ended', { state: 'running' }, { unanswered: ['key-1', 'key-2'] }],
  ['answered with another’s', { answers: () => 'key-1' }, { unanswered: ['key-2'] }],
  ['two under one key', { newIdEachTime: true }, { twice: ['key-1', 'key-2'] }],
  ['run to its end twice', { lines: (key) => [`done ${key} 1`, `done ${key} 2`] }, { twice: ['key-1', 'key-2'] }],
  ['run twice, once left early', { lines: (key) => [`left ${key} 1`, `done ${key} 2`] }, { left: 2 }],
  ['never seen', { lines: (key) => (key === 'key-1' ? [] : [`done ${key} 1`]) }, { seen: 1 }],
])('%s', async (_, change, expected) => {
  const judged = await verdict(change);
  const each = (keys_: readonly string[]): string[] => [...keys_].sort();
  const { lost, unanswered, twice, seen, left } = judged;
  const found = { lost: each(lost), unanswered: each(unanswered), twice: each(twice), seen, left };
  expect(found).toMatchObject(expected);
});
