import { mainRevision } from '../../core/function/alias-weights';
import { openPostgresStore } from '../../drivers/store/postgres';
import { ownPostgresUrl } from '../../workers/all/services/postgres-cluster';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { knownMetrics, metricOf, namesIn, COMMON_LABELS } from '../deploy/known-metrics';
import { rulesOf } from '../deploy/rule-files';
import { startTemporaryPrometheus, type TemporaryPrometheus } from '../integration/support/prometheus-tools';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(420_000);

let platform: TestPlatform;
let prometheus: TemporaryPrometheus;
beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__SANDBOX: 'process' });
  const rules = ['recording', 'alerts'].map((name) =>
    path.join(assetPath('deploy/chart/prometheus'), `${name}.rules.yaml`),
  );
  prometheus = await startTemporaryPrometheus({ 'presage-gateway': [new URL(platform.url).host] }, rules);
  // What comes of it with the next minutes is looked at last.
  await platform.deploy('declared', { scale: { min: 1 } }, CODE);
  await platform.deploy('called', {}, CODE);
  for (let call = 0; call < 5; call++) expect((await platform.invoke('called')).status).toBe(200);
  const headers = { authorization: `Bearer ${platform.apiKey}`, prefer: 'respond-async' };
  expect((await fetch(`${platform.url}/fn/default/called`, { headers, method: 'POST' })).status).toBe(202);
});
afterAll(async () => {
  await prometheus?.stop();
  await platform.stop();
});

const CODE = { 'index.js': 'exports.handler = (req, res) => res.json({ ok: true });' };

test('what is given too much memory is found, is given less, and gets it back when somebody says so', async () => {
  const slow = { 'index.js': 'exports.handler = (req, res) => void setTimeout(() => res.json({ ok: true }), 3_000);' };
  // Large and slow enough that the calls of a test are worth a cent a month.
  await platform.deploy('roomy', { resources: { memory: '2Gi' } }, slow);
  for (let call = 0; call < 4; call++) expect((await platform.invoke('roomy')).status).toBe(200);
  const store = openPostgresStore(ownPostgresUrl(platform.config));
  const live = async () => {
    const { functions } = await store.routes();
    const found = functions.find(({ name }) => name === 'roomy');
    const revision = found && mainRevision(found.aliases, found.revisions);
    return revision ? { id: revision.id, number: revision.number, memory: revision.manifest.spec.resources.memory } : null; // prettier-ignore
  };
  try {
    // As though somebody had looked for a day: this test has a minute.
    const revisionId = (await live())?.id ?? '';
    const looks = { bins: { 44: 2_000 }, samples: 2_000, peakBytes: 45 * 2 ** 20 };
    const hour = new Date(Math.floor(Date.now() / 3_600_000 - 20) * 3_600_000);
    await store.writeMemoryHours([{ revisionId, hour, node: 'local', incarnation: 'test', looks }]);
    const id = await until('a recommendation', async () => {
      const { stdout } = await platform.cli('cost', 'recommend', '--refresh', '-o', 'json');
      const found = JSON.parse(stdout) as { id: string; function: string | null; does: string }[];
      return found.find((row) => row.function === 'roomy')?.id;
    }, 150_000); // prettier-ignore
    expect((await platform.cli('cost', 'recommend', id)).stdout).toMatch(
      /Does +deploy default\/roomy with resources\.memory/,
    );

    expect((await platform.cli('cost', 'apply', id)).stdout).toContain('is being applied');
    const state = async () => {
      const { stdout } = await platform.cli('cost', 'recommend', id, '-o', 'json');
      return (JSON.parse(stdout) as { state: string }).state;
    };
    await until('the watch', async () => (await state()) === 'watching', 60_000);
    expect(await live()).toMatchObject({ number: 2, memory: '64Mi' });
    expect((await platform.invoke('roomy')).status).toBe(200);
    expect((await platform.cli('cost', 'revert', id)).code).toBe(0);
    await until('the way back', async () => (await state()) === 'reverted', 60_000);
    expect(await live()).toMatchObject({ number: 1, memory: '2Gi' });
  } finally {
    await store.close();
  }
});

test('what is declared and what is called is held warm from the next minutes on, and can be looked at', async () => {
  const warmth = async (name: string) => {
    const { code, stdout } = await platform.cli('warmth', name, '-o', 'json');
    return code === 0 ? (JSON.parse(stdout) as { policy: string; floor: number; ready: number }) : undefined;
  };
  const declared = await until('a decision', () => warmth('declared'), 150_000);
  expect(declared).toMatchObject({ policy: 'presage', floor: 1 });
  expect(declared.ready).toBeGreaterThanOrEqual(1);
  await until('a decision on what was called', () => warmth('called'), 150_000);
  expect((await platform.cli('warmth', 'declared')).stdout).toMatch(/Because +presage holds up to 1/);

  await until('an instance that nobody called for', async () => {
    const { stdout } = await platform.cli('instances', '-o', 'json');
    const found = JSON.parse(stdout) as { function: string; endedAt: string | null }[];
    return found.some((row) => row.function === 'declared' && row.endedAt === null);
  }, 60_000); // prettier-ignore

  // It has had no call, and is charged for what is kept for it.
  await until('a charge for warmth', async () => {
    const { stdout } = await platform.cli('cost', 'ledger', '--function', 'declared', '-o', 'json');
    const lines = JSON.parse(stdout) as { component: string; quantity: number; picoDollars: string }[];
    expect(lines.filter(({ component }) => component === 'request' || component === 'memory')).toEqual([]);
    return lines.some((line) => line.component === 'warmth' && line.quantity > 0 && BigInt(line.picoDollars) > 0n);
  }, 150_000); // prettier-ignore

  // What the control worker leaves in the store is read anew every 15 s.
  const body = await until('the figures of warming', async () => {
    const { body: text } = await platform.probe.send('/metrics');
    return ['decisions', 'targets'].every((what) => new RegExp(`warming_${what}_total [1-9]`).test(text)) && text;
  });
  expect(body).toMatch(/presage_warming_held_gb_seconds_total\{node="local",rung="frozen"\} [0-9]/);
});

/** Served by other processes, at a door that one machine with one configuration does not open. */
const ELSEWHERE = /^presage_(kubernetes_\w+|process_info)$/;

describe('a Prometheus that scrapes it', () => {
  test('knows every metric that a process declares, by its type', async () => {
    const told = await prometheus.get<Record<string, readonly { readonly type: string }[]>>('metadata?limit=2000');
    const known = [...(await knownMetrics()).values()].filter(({ name }) => !ELSEWHERE.test(name));
    expect(known.length).toBeGreaterThan(60);
    // In OpenMetrics the ending of a counter is not part of its family's name.
    const typeOf = (name: string): string | undefined => (told[name] ?? told[name.replace(/_total$/, '')])?.[0]?.type;
    expect(known.map(({ name }) => [name, typeOf(name)])).toEqual(known.map(({ name, type }) => [name, type]));
  });

  test('sees no label but those that are declared, and few values of each', async () => {
    const known = await knownMetrics();
    const series = await prometheus.get<readonly Record<string, string>[]>('series?match[]={__name__=~"presage_.%2B"}');
    const own = series.filter(({ __name__: name = '' }) => !name.includes(':'));
    const loose = own.flatMap(({ __name__: name = '', ...labels }) =>
      Object.keys(labels)
        .filter((label) => ![...COMMON_LABELS, ...(metricOf(name, known)?.labels ?? [])].includes(label))
        .map((label) => `${name}{${label}}`),
    );
    expect(loose).toEqual([]);
    const values = new Map<string, Set<string>>();
    for (const labels of series) {
      for (const [label, value] of Object.entries(labels)) {
        if (label !== '__name__') values.set(label, (values.get(label) ?? new Set()).add(value));
      }
    }
    // Routes are as many as the API has, and bounds of buckets as many as the histograms have.
    const most = (label: string): number => (label === 'route' ? 120 : label === 'le' ? 80 : 40);
    for (const [label, found] of values) expect([label, found.size <= most(label)]).toEqual([label, true]);
  });

  test('evaluates every rule, and none but those of a platform at rest may fire', async () => {
    const { groups } = await prometheus.get<{ groups: readonly { readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string; readonly state?: string }[] }[] }>('rules'); // prettier-ignore
    const rules = groups.flatMap((group) => group.rules);
    expect(rules).toHaveLength(rulesOf('recording').length + rulesOf('alerts').length);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const firing = rules.filter(({ state }) => state === 'firing').map(({ name }) => name);
    expect(firing).toEqual([]);
  });

  test('answers every query of the dashboards', async () => {
    const folder = assetPath('deploy/chart/dashboards');
    const known = await knownMetrics();
    const recorded = new Set(rulesOf('recording').map(({ record }) => record));
    const filled: string[] = [];
    const empty: string[] = [];
    for (const file of readdirSync(folder)) {
      const { panels } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[] }; // prettier-ignore
      for (const { title, targets } of panels) {
        for (const { expr } of targets ?? []) {
          const result = await prometheus.query(expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*'));
          (result.length > 0 ? filled : empty).push(`${file} ${title}: ${expr}`);
          for (const name of namesIn(expr)) {
            expect([name, recorded.has(name) || metricOf(name, known) !== undefined]).toEqual([name, true]);
          }
        }
      }
    }
    // What has not happened here (failures, moves, trainings) has no series.
    expect(empty.length).toBeLessThan(filled.length);
    for (const board of ['overview', 'function', 'nodes', 'starts', 'forecast', 'async', 'control-plane']) {
      expect(filled.filter((line) => line.startsWith(`presage-${board}.json`)).length).toBeGreaterThan(2);
    }
  });
});
