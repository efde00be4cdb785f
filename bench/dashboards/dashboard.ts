import type { Panel, Query } from './panel';

/** A choice at the top of a board: the values that a label has. */
export interface Choice {
  readonly name: string;
  /** `label_values(metric, label)` of Grafana. */
  readonly values: string;
}

/** A board: rows of panels, which flow from left to right. */
export interface Dashboard {
  /** Names it in addresses, and for good. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly choices?: readonly Choice[];
  readonly rows: Readonly<Record<string, readonly Panel[]>>;
}

const COLUMNS = 24;
/** Of the format, as Grafana 11 writes it; newer ones read it. */
const SCHEMA = 39;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const CUSTOM_UNITS: Readonly<Record<string, string>> = {
  'µUSD/h': 'suffix: µUSD/h',
  'GB·s/s': 'suffix: GB·s/s',
  cores: 'suffix: cores',
};

/** The board as Grafana reads it: the same bytes for the same board. */
export function grafanaJson({ uid, title, description, choices = [], rows }: Dashboard): string {
  const panels: object[] = [];
  let y = 0;
  let id = 0;
  for (const [heading, content] of Object.entries(rows)) {
    panels.push({
      id: ++id,
      type: 'row',
      title: heading,
      collapsed: false,
      gridPos: { h: 1, w: COLUMNS, x: 0, y: y++ },
      panels: [],
    });
    let x = 0;
    let tallest = 0;
    for (const panel of content) {
      if (x + panel.width > COLUMNS) {
        x = 0;
        y += tallest;
        tallest = 0;
      }
      panels.push(panelJson(panel, ++id, { h: panel.height, w: panel.width, x, y }));
      x += panel.width;
      tallest = Math.max(tallest, panel.height);
    }
    y += tallest;
  }
  const board = {
    uid,
    title,
    description,
    tags: ['presage'],
    schemaVersion: SCHEMA,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    links: [
      { type: 'dashboards', title: 'Presage', tags: ['presage'], asDropdown: true, includeVars: true, keepTime: true },
    ],
    templating: { list: [datasourceChoice(), ...choices.map(choiceJson)] },
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(board, null, 2)}\n`;
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const { kind, title, description, unit, queries, stacked = false } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: {
      defaults: {
        unit: CUSTOM_UNITS[unit] ?? unit,
        min: 0,
        thresholds: { mode: 'absolute', steps: stepsOf(panel) },
        ...(kind === 'timeseries' ? { custom: drawing(stacked, panel) } : {}),
      },
      overrides: [],
    },
    options: OPTIONS[kind],
    targets: queries.map((query, index) => targetJson(query, index, kind)),
  };
}

const OPTIONS: Readonly<Record<Panel['kind'], object>> = {
  timeseries: {
    legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  stat: {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: 'value',
    graphMode: 'area',
    textMode: 'auto',
  },
  table: { showHeader: true, sortBy: [{ displayName: 'Value', desc: true }] },
};

function drawing(stacked: boolean, { badFrom, badBelow }: Panel): object {
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: stacked ? 40 : 8,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: badFrom === undefined && badBelow === undefined ? 'off' : 'dashed' },
  };
}

function stepsOf({ badFrom, badBelow }: Panel): object[] {
  if (badBelow !== undefined)
    return [
      { color: 'red', value: null },
      { color: 'green', value: badBelow },
    ];
  return [{ color: 'green', value: null }, ...(badFrom === undefined ? [] : [{ color: 'red', value: badFrom }])];
}

function targetJson({ expr, legend }: Query, index: number, kind: Panel['kind']): object {
  const table = kind === 'table';
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
    range: !table,
    instant: table,
    exemplar: kind === 'timeseries' && expr.includes('_bucket'),
    ...(table ? { format: 'table' } : {}),
  };
}

function datasourceChoice(): object {
  return {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    current: {},
    hide: 0,
    refresh: 1,
  };
}

function choiceJson({ name, values }: Choice): object {
  return {
    name,
    label: name,
    type: 'query',
    datasource: DATASOURCE,
    query: { query: values, refId: name },
    definition: values,
    includeAll: true,
    allValue: '.*',
    multi: true,
    current: { text: ['All'], value: ['$__all'] },
    refresh: 2,
    sort: 1,
    hide: 0,
  };
}
