import { CREDIT, type CostComponent } from '../../../../core/cost/price-table';
import type { LedgerLineView, StatementView } from '../../lib/answers';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PICO_PER_DOLLAR = 1e12;

/** What each component is, for people, in the order in which charts stack them; types alone come from the core. */
export const COMPONENT_WORDS: Readonly<Record<CostComponent, string>> = {
  request: 'requests',
  compute: 'CPU',
  memory: 'memory of calls',
  network: 'network',
  impact: 'credit for slow answers',
  warmth: 'idle memory held warm',
  storage: 'checkpoints kept',
};
export const COMPONENTS = Object.keys(COMPONENT_WORDS) as readonly CostComponent[];

/** How far back spend is shown, and in what steps. */
export const RANGES = {
  '24h': { label: 'the last 24 hours', spanMs: DAY_MS, stepMs: HOUR_MS, by: 'hour' },
  '7d': { label: 'the last 7 days', spanMs: 7 * DAY_MS, stepMs: DAY_MS, by: 'day' },
  '30d': { label: 'the last 30 days', spanMs: 30 * DAY_MS, stepMs: DAY_MS, by: 'day' },
} as const;
export type Range = keyof typeof RANGES;

/** The lines of the ledger that a chart is drawn from: fewer than a page has. @param fn empty: all functions together @param now Unix milliseconds */
export function ledgerPath(range: Range, fn: string, now: number): string {
  const { spanMs, stepMs, by } = RANGES[range];
  const query = new URLSearchParams({
    ...{ by, limit: '1000', from: new Date(stepAt(now - spanMs, stepMs)).toISOString() },
    ...(fn === '' ? { sum: 'true' } : { function: fn }),
  });
  return `/v1/cost/ledger?${query.toString()}`;
}

/**
 * Dollars by step of time for each component that has cost anything, and its sum in picodollars; times in Unix milliseconds. A
 * credit is paid by nobody: it stands beside what was charged, not in it.
 */
export function spendByComponent(lines: readonly LedgerLineView[], range: Range, now: number) {
  const { spanMs, stepMs } = RANGES[range];
  const first = stepAt(now - spanMs, stepMs);
  const times: number[] = [];
  for (let at = first; at <= now; at += stepMs) times.push(at);
  const all = COMPONENTS.map((component) => {
    const own = lines.filter((line) => line.component === component);
    const values = times.map(() => 0);
    for (const { time, picoDollars } of own) {
      const place = Math.floor((Date.parse(time) - first) / stepMs);
      if (place in values) values[place] = (values[place] ?? 0) + Number(picoDollars) / PICO_PER_DOLLAR;
    }
    const total = own.reduce((sum, { picoDollars }) => sum + BigInt(picoDollars), 0n);
    return { component, values, total };
  });
  const series = all.filter(({ component, total }) => component !== CREDIT && total !== 0n);
  const credit = all.find(({ component }) => component === CREDIT)?.total ?? 0n;
  return { times, series, total: series.reduce((sum, row) => sum + row.total, 0n), credit };
}

function stepAt(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}

/** A function of a statement: picodollars by component, and what is to pay: all of them but the credit. */
export interface StatementRow {
  readonly functionId: string;
  readonly function: string;
  readonly parts: Readonly<Partial<Record<CostComponent, string>>>;
  readonly picoDollars: string;
  /** Of what the statement comes to, 0 to 1. */
  readonly share: number;
}

/** Functions of a statement, the dearest first. */
export function statementRows({ functions, paid }: Pick<StatementView, 'functions' | 'paid'>): StatementRow[] {
  const all = Number(paid.picoDollars);
  return functions
    .map(({ function: name, functionId, parts }) => {
      const due = parts.reduce((sum, part) => (part.component === CREDIT ? sum : sum + BigInt(part.picoDollars)), 0n);
      return {
        ...{ function: name, functionId, picoDollars: String(due), share: all === 0 ? 0 : Number(due) / all },
        parts: Object.fromEntries(parts.map((part) => [part.component, part.picoDollars])),
      };
    })
    .sort((a, b) => Number(b.picoDollars) - Number(a.picoDollars) || (a.function < b.function ? -1 : 1));
}

/** The last months as `YYYY-MM`, this one first. */
export function lastMonths(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)).toISOString().slice(0, 7),
  );
}
