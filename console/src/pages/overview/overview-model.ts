import type { OverviewView } from '../../../../gateway/api/routes/overview-routes';
import { count, money, ms, percent } from '../../lib/format';
import type { Tone } from '../../ui/tone';
import type { ChartSeries } from '../../ui/chart-data';

/** A figure of the overview: what it is, what it comes to, and what to hold it against. */
export interface OverviewFigure {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly note: string;
  /** Whether it is as it should be; null where nothing says how it should be. */
  readonly tone: Tone | null;
}

type Objective = Pick<OverviewView['objectives']['availability'], 'objective' | 'share' | 'burn'>;

/** Figures, in the order in which they are shown. */
export function figuresOf(view: OverviewView): readonly OverviewFigure[] {
  const { totals, latency, coldShare, objectives, spend } = view;
  const minutes = (Date.parse(view.to) - Date.parse(view.from)) / 60_000;
  const figure = (id: string, label: string, value: string, note: string, tone: Tone | null = null) => ({ id, label, value, note, tone }); // prettier-ignore
  const availability = objectives.availability;
  return [
    figure('invocations', 'Invocations', count(totals.total), `${count(totals.total / Math.max(1, minutes))} a minute`),
    figure('errors', 'Failures', count(totals.errors), 'answered with 5xx, or not at all'),
    figure('p50', 'p50', ms(latency.p50Ms), 'to the first byte'),
    figure('p95', 'p95', ms(latency.p95Ms), 'to the first byte'),
    figure('p99', 'p99', ms(latency.p99Ms), 'to the first byte'),
    figure(
      'cold',
      'Cold share',
      percent(coldShare.share),
      `target: below ${percent(coldShare.target)}`,
      toneOfCold(coldShare),
    ),
    figure(
      'availability',
      'Availability',
      percent(availability.share),
      objectiveNote(availability),
      toneOfBurn(availability),
    ),
    figure(
      'within',
      `Within ${ms(objectives.latency.withinMs)}`,
      percent(objectives.latency.share),
      objectiveNote(objectives.latency),
      toneOfBurn(objectives.latency),
    ),
    figure('spend', 'Spent today', money(spend.today), 'since 00:00 UTC'),
    figure('functions', 'Functions', count(view.functions), 'deployed'),
  ];
}

function toneOfCold({ share, target }: OverviewView['coldShare']): Tone | null {
  return share === null ? null : share < target ? 'good' : 'bad';
}

function toneOfBurn({ burn }: Objective): Tone | null {
  return burn === null ? null : burn <= 1 ? 'good' : 'bad';
}

function objectiveNote({ objective, burn }: Objective): string {
  const spent =
    burn === null
      ? 'nothing to measure yet'
      : `error budget used ${Number(burn.toPrecision(2))} times as fast as it may`;
  return `objective: ${percent(objective)}; ${spent}`;
}

/** Start kinds over time; they stand on each other, so that the top is all traffic that an instance answered. */
export function startSeries({ points }: Pick<OverviewView, 'points'>): readonly ChartSeries[] {
  const of = (kind: 'hot' | 'warm' | 'restore' | 'cold'): ChartSeries => ({
    label: kind,
    kind: 'area',
    colour: `--${kind}`,
    values: points.map(({ byKind }) => byKind[kind]),
  });
  return [of('hot'), of('warm'), of('restore'), of('cold')];
}

/** All that came, and what of it failed. */
export function trafficSeries({ points }: Pick<OverviewView, 'points'>): readonly ChartSeries[] {
  return [
    { label: 'invocations', kind: 'line', colour: '--line-1', values: points.map(({ total }) => total) },
    { label: 'failures', kind: 'line', colour: '--cold', dashed: true, values: points.map(({ errors }) => errors) },
  ];
}

export function latencySeries({ latency }: Pick<OverviewView, 'latency'>): readonly ChartSeries[] {
  const { hours } = latency;
  return [
    { label: 'p50', kind: 'line', colour: '--line-1', values: hours.map(({ p50Ms }) => p50Ms) },
    { label: 'p95', kind: 'line', colour: '--line-2', dashed: true, values: hours.map(({ p95Ms }) => p95Ms) },
    { label: 'p99', kind: 'line', colour: '--line-3', values: hours.map(({ p99Ms }) => p99Ms) },
  ];
}

export interface BudgetRow {
  readonly name: string;
  readonly spent: string;
  readonly limit: string;
  readonly percent: number;
  readonly forecast: string;
  readonly tone: Tone;
  readonly state: string;
}

/** Spend against budget, the nearest to its limit first. */
export function budgetRows({ budgets }: Pick<OverviewView, 'budgets'>): readonly BudgetRow[] {
  return [...budgets]
    .sort((a, b) => b.percent - a.percent)
    .map((budget) => ({
      name: budget.name,
      spent: money(budget.spent),
      limit: money(String(budget.spec.limit)),
      percent: budget.percent,
      forecast: budget.forecast === null ? '–' : money(budget.forecast),
      tone: budget.percent >= 100 ? 'bad' : budget.percent >= 90 || budget.steps.length > 0 ? 'warn' : 'good',
      state: budget.steps.length > 0 ? budget.steps.join(', ') : 'nothing held back',
    }));
}
