import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { dashboardFiles } from '../../bench/dashboards/all-dashboards';
import { assetPath } from '../../drivers/asset-path';
import { COMMON_LABELS, knownMetrics, labelsIn, metricOf, namesIn, type KnownMetric } from './known-metrics';
import { rulesOf } from './rule-files';

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: { readonly uid: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly Target[];
}
interface Board {
  readonly uid: string;
  readonly title: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
}

const folder = assetPath('deploy/chart/dashboards');
const files = readdirSync(folder);
const boards = files.map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Board);
const recorded = new Set(rulesOf('recording').map(({ record }) => record));
let known: ReadonlyMap<string, KnownMetric>;
beforeAll(async () => {
  known = await knownMetrics();
});

test('deploy/chart/dashboards is what bench/dashboards makes: else npm run dashboards', () => {
  const kept = new Map(files.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
  expect(kept).toEqual(dashboardFiles());
});

test('each has an address and a title of its own', () => {
  expect(boards.length).toBe(8);
  expect(new Set(boards.map(({ uid }) => uid)).size).toBe(boards.length);
  expect(new Set(boards.map(({ title }) => title)).size).toBe(boards.length);
  for (const { uid } of boards) expect(uid).toMatch(/^[a-z-]{1,40}$/);
});

describe.each(boards.map((board) => [board.title, board] as const))('%s', (_, board) => {
  const panels = board.panels.filter(({ type }) => type !== 'row');
  const targets = panels.flatMap((panel) => (panel.targets ?? []).map((target) => ({ ...target, panel: panel.title })));

  test('any Prometheus can be chosen for it', () => {
    expect(board.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    const sources = [...panels, ...targets].map(({ datasource }) => datasource?.uid);
    expect(new Set(sources)).toEqual(new Set(['${datasource}']));
  });

  test('panels have ids of their own, say what they tell, in which unit, and do not lie on each other', () => {
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const { title, description, fieldConfig, targets: own } of panels) {
      expect([title, (description ?? '').length > 5, fieldConfig?.defaults.unit]).toEqual([
        title,
        true,
        expect.stringMatching(/./),
      ]);
      expect([title, new Set(own?.map(({ refId }) => refId)).size]).toEqual([title, own?.length]);
    }
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_cell, i) => `${x + (i % w)},${y + Math.floor(i / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test('queries name metrics and labels that exist', () => {
    const wrong = targets.flatMap(({ panel, expr, legendFormat }) => {
      const metrics = namesIn(expr).map(
        (name) => [name, recorded.has(name) ? undefined : metricOf(name, known)] as const,
      );
      const unknown = metrics.filter(([name, metric]) => !recorded.has(name) && !metric).map(([name]) => name);
      const named = [
        ...labelsIn(expr),
        ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => ['', label] as const),
      ];
      const may = new Set([...COMMON_LABELS, ...metrics.flatMap(([, metric]) => metric?.labels ?? [])]);
      // A recorded series has the labels of its level.
      const open = metrics.some(([name]) => recorded.has(name));
      return [
        ...unknown,
        ...named.filter(([, label]) => !open && !may.has(label)).map(([series, label]) => `${series}{${label}}`),
      ].map((what) => `${panel}: ${what}`);
    });
    expect(wrong).toEqual([]);
  });

  test('variables that queries use can be chosen', () => {
    const chosen = new Set(board.templating.list.map(({ name }) => name));
    const used = targets.flatMap(({ expr }) => [...expr.matchAll(/\$(?!__)(\w+)/g)].map(([, name = '']) => name));
    expect(used.filter((name) => !chosen.has(name))).toEqual([]);
  });
});

test('every metric of the platform is on a board or in a rule', () => {
  const expressions = [
    ...boards.flatMap(({ panels }) => panels.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr))),
    ...[...rulesOf('recording'), ...rulesOf('alerts')].map(({ expr }) => expr),
  ];
  const shown = new Set(expressions.flatMap(namesIn).map((name) => metricOf(name, known)?.name));
  const unseen = [...known.keys()].filter((name) => name.startsWith('presage_') && !shown.has(name));
  expect(unseen).toEqual([]);
});

test('provisioning files are YAML that names the same data source type and a folder', () => {
  const read = (name: string): unknown =>
    parse(readFileSync(path.join(assetPath('deploy/grafana/provisioning'), name, 'presage.yaml'), 'utf8'));
  expect(read('datasources')).toMatchObject({ apiVersion: 1, datasources: [{ type: 'prometheus' }] });
  expect(read('dashboards')).toMatchObject({
    apiVersion: 1,
    providers: [{ type: 'file', options: { path: expect.any(String) } }],
  });
});
