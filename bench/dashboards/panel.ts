/** What a panel shows a figure as: units of Grafana. `short`: a plain number. */
export type Unit = 'short' | 's' | 'bytes' | 'reqps' | 'percentunit' | 'ops' | 'cores' | 'µUSD/h' | 'GB·s/s';

export interface Query {
  readonly expr: string;
  /** Of each series, `{{label}}` filled in. */
  readonly legend: string;
}

/** A panel without its place on the board. */
export interface Panel {
  readonly kind: 'timeseries' | 'stat' | 'table';
  readonly title: string;
  /** What it tells, and what to do when it looks bad: one or two sentences. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Columns of 24. */
  readonly width: number;
  readonly height: number;
  /** Values on top of each other. */
  readonly stacked?: boolean;
  /** From this value on it looks bad: red. */
  readonly badFrom?: number;
  /** Below this value it looks bad: red. */
  readonly badBelow?: number;
}

type Options = Partial<Pick<Panel, 'width' | 'height' | 'stacked' | 'badFrom' | 'badBelow'>>;

type MakePanel = (
  title: string,
  unit: Unit,
  description: string,
  queries: Readonly<Record<string, string>>,
  options?: Options,
) => Panel;

/** Series over time. */
export const lines = panelsOf('timeseries', { width: 12, height: 8 });

/** One figure, as it is now. */
export const figure = panelsOf('stat', { width: 4, height: 4 });

/** The newest value of each series, one a row. */
export const rows = panelsOf('table', { width: 12, height: 8 });

function panelsOf(kind: Panel['kind'], size: Pick<Panel, 'width' | 'height'>): MakePanel {
  return (title, unit, description, queries, options = {}) => {
    const given = Object.entries(queries).map(([legend, expr]) => ({ legend, expr }));
    return { kind, title, unit, description, queries: given, ...size, ...options };
  };
}
