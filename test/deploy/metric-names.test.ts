import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { knownMetrics, labelsIn, metricOf, namesIn, COMMON_LABELS, type KnownMetric } from './known-metrics';
import { rulesOf } from './rule-files';

let known: ReadonlyMap<string, KnownMetric>;
beforeAll(async () => {
  known = await knownMetrics();
});

const own = (): readonly KnownMetric[] => [...known.values()].filter(({ name }) => name.startsWith('presage_'));

/** Gauges that count things, and so have no unit: what they count is their name. */
const COUNTED = new Set([
  'presage_invocations_in_flight',
  'presage_gateway_leases',
  'presage_records_pending',
  'presage_admission_in_flight',
  'presage_admission_queued',
  'presage_async_invocations',
  'presage_forecast_models',
  'presage_forecast_expected_requests',
  'presage_pool_instances',
  'presage_node_starts',
  'presage_node_checkpoints',
  'presage_cost_ledger_mismatches',
  'presage_cost_ledger_unpriced_calls',
  'presage_cost_recommendations',
]);
/** Gauges that say yes or no. */
const YES_OR_NO = /_(up|info|degraded|state|in_force)$/;
const UNITS = /_(seconds|bytes|ratio|dollars|micro_dollars_per_hour)$/;

test('there are metrics of all parts', () => expect(own().length).toBeGreaterThan(50));

test('counters end in _total, histograms in their unit, gauges in a unit where they measure one', () => {
  const wrong = own().filter(({ name, type }) => {
    if (type === 'counter') return !name.endsWith('_total');
    if (type === 'histogram') return !/_(seconds|bytes)$/.test(name);
    return name.endsWith('_total') || !(UNITS.test(name) || YES_OR_NO.test(name) || COUNTED.has(name));
  });
  expect(wrong).toEqual([]);
});

/** What labels may be: each has few values, or as many as there are nodes, routes, or functions up to a bound. */
const BOUNDED = new Set([
  ...['tenant', 'function', 'node', 'tier', 'region', 'route', 'method', 'status', 'code', 'start', 'cause', 'state'],
  ...['outcome', 'origin', 'reason', 'policy', 'term', 'placement', 'rung', 'kind', 'form', 'dependency', 'process'],
  ...['version', 'commit', 'verb', 'resource', 'budget', 'step', 'strategy', 'component'],
]);

test('labels are such as are bounded: never an id, a path, a key or an address', () => {
  const loose = own().flatMap(({ name, labels }) =>
    labels.filter((label) => !BOUNDED.has(label)).map((label) => `${name}{${label}}`),
  );
  expect(loose).toEqual([]);
});

describe('rules', () => {
  const all = [...rulesOf('recording'), ...rulesOf('alerts')];
  const recorded = new Set(all.flatMap(({ record }) => record ?? []));

  test('name metrics that exist, or what other rules record', () => {
    const unknown = all.flatMap(({ record, alert, expr }) =>
      namesIn(expr)
        .filter((name) => !recorded.has(name) && !metricOf(name, known))
        .map((name) => `${record ?? alert}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  test('name labels that those metrics have', () => {
    const unknown = all.flatMap(({ record, alert, expr }) => {
      const may = new Set([...COMMON_LABELS, ...namesIn(expr).flatMap((name) => metricOf(name, known)?.labels ?? [])]);
      return labelsIn(expr)
        .filter(([series, label]) => {
          const own = series === '' ? undefined : metricOf(series, known)?.labels;
          return !(own ? [...COMMON_LABELS, ...own].includes(label) : may.has(label));
        })
        .map(([series, label]) => `${record ?? alert}: ${series}{${label}}`);
    });
    expect(unknown).toEqual([]);
  });

  test('what is recorded is called as Prometheus advises, level:metric:operation', () => {
    for (const name of recorded) expect(name).toMatch(/^presage(_[a-z]+)?:[a-z0-9_]+:[a-z0-9_]+$/);
  });
});

describe('alerts', () => {
  const alerts = rulesOf('alerts');
  const folder = assetPath('docs/runbooks');
  const runbooks = readdirSync(folder).filter((name) => name !== 'README.md');
  const names = [...new Set(alerts.map(({ alert }) => alert as string))];

  test('each has a severity, a summary, a description and its runbook', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect([alert, labels?.['severity']]).toEqual([alert, expect.stringMatching(/^(page|ticket)$/)]);
      expect(annotations).toMatchObject({
        summary: expect.stringMatching(/.{10}/),
        description: expect.stringMatching(/.{10}/),
        runbook_url: `docs/runbooks/${alert}.md`,
      });
    }
  });

  test('for each runbook there is an alert, and the other way round', () => {
    expect(runbooks.map((name) => name.replace(/\.md$/, '')).sort()).toEqual([...names].sort());
  });

  test.each(runbooks)('%s says what it means, what to look at, and what to do', (name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const heading = name.replace(/\.md$/, '');
    expect(text.match(/^#.*$/gm)).toEqual([`# ${heading}`, '## Meaning', '## Look at', '## Do']);
  });

  test('promtool tries each of them', () => {
    const tried = readFileSync(path.join(assetPath('deploy/prometheus'), 'alerts.test.yaml'), 'utf8');
    expect(names.filter((name) => !tried.includes(`alertname="${name}"`))).toEqual([]);
  });
});

test('metrics that the documentation names exist', () => {
  const root = assetPath('docs');
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.md'));
  const texts = [...files.map((name) => path.join(root, name)), assetPath('README.md')];
  const recorded = new Set(rulesOf('recording').map(({ record }) => record));
  const unknown = texts.flatMap((file) =>
    (readFileSync(file, 'utf8').match(/`presage[_:][a-z0-9_:*]+/g) ?? [])
      .map((name) => name.slice(1))
      .filter((name) => !/^presage_[a-z]+_?\*?$/.test(name) || known.has(name))
      .filter((name) => !metricOf(name, known) && !recorded.has(name))
      .map((name) => `${path.relative(root, file)}: ${name}`),
  );
  expect(unknown).toEqual([]);
});
