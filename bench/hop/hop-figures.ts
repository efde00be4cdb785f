import { figure, type Figure } from '../harness/report';
import { quantile } from '../harness/statistics';
import type { LoadResult } from '../harness/load-process';

/** What one round measured of each target: one connection, then many. */
export type Round = Map<string, { readonly single: LoadResult; readonly many: LoadResult }>;

type Pick_ = (round: Round, name: string) => number | undefined;

const minimum: Pick_ = (round, name) => round.get(name)?.single.minUs;
const cpu: Pick_ = (round, name) => round.get(name)?.many.cpuUs;
const rate: Pick_ = (round, name) => {
  const many = round.get(name)?.many;
  return many && many.requests / many.seconds;
};

/**
 * Medians over the rounds. A hop adds what it takes at the minimum over what it is compared with in the same round: the
 * proxies over the instance, functions-framework and workerd over a plain Node server with the same handler.
 */
export function hopFigures(rounds: readonly Round[]): Figure[] {
  const median = (value: (round: Round) => number | undefined): { value: number; samples: number } | undefined => {
    const values = rounds.map(value).filter((item) => item !== undefined);
    return values.length === 0 ? undefined : { value: quantile(values, 0.5), samples: values.length };
  };
  const figures: Figure[] = [];
  const add = (
    name: string,
    unit: string,
    value: (round: Round) => number | undefined,
    bar?: { atMost?: number; atLeast?: number },
  ): void => {
    const found = median(value);
    if (found) figures.push(figure(name, unit, found.value, found.samples, bar));
  };
  const added = (name: string, over: string) => (round: Round) => minus(minimum(round, name), minimum(round, over));
  add('hop.added.min.us', 'µs', added('gateway', 'direct'), { atMost: 100 });
  add(
    'hop.added.to-functions-framework',
    'ratio',
    (round) => over(added('gateway', 'direct')(round), added('functions-framework', 'plain-node')(round)),
    { atMost: 1 },
  );
  add('gateway.cpu.us', 'µs', (round) => cpu(round, 'gateway'), { atMost: 60 });
  add('gateway.rps', '1/s', (round) => rate(round, 'gateway'), { atLeast: 6_000 });
  add('two-gateways.rps.to-one', 'ratio', (round) => over(rate(round, 'two-gateways'), rate(round, 'gateway')), {
    atLeast: 1,
  });
  add('traced.cpu.to-gateway', 'ratio', (round) => over(cpu(round, 'traced'), cpu(round, 'gateway')));
  add('traced.rps.to-gateway', 'ratio', (round) => over(rate(round, 'traced'), rate(round, 'gateway')));
  for (const proxy of ['haproxy', 'bare-proxy']) {
    add(`gateway.cpu.to-${proxy}`, 'ratio', (round) => over(cpu(round, 'gateway'), cpu(round, proxy)));
    add(`gateway.rps.to-${proxy}`, 'ratio', (round) => over(rate(round, 'gateway'), rate(round, proxy)));
    add(`${proxy}.added.min.us`, 'µs', added(proxy, 'direct'));
  }
  for (const server of ['functions-framework', 'workerd'])
    add(`${server}.added.min.us`, 'µs', added(server, 'plain-node'));
  for (const name of namesOf(rounds)) {
    add(`${name}.min.us`, 'µs', (round) => minimum(round, name));
    if (name === 'gateway') continue;
    if (name !== 'direct') add(`${name}.cpu.us`, 'µs', (round) => cpu(round, name));
    add(`${name}.rps`, '1/s', (round) => rate(round, name));
  }
  const failed = rounds.flatMap((round) => [...round.values()]).map(({ single, many }) => single.errors + many.errors);
  figures.push(
    figure(
      'hop.errors',
      'count',
      failed.reduce((sum, count) => sum + count, 0),
      failed.length,
      { atMost: 0 },
    ),
  );
  return figures;
}

/** Medians with their ranges over the rounds, one line for each target. */
export function hopTable(rounds: readonly Round[]): string[] {
  const cell = (name: string, value: (result: { single: LoadResult; many: LoadResult }) => number): string => {
    const values = rounds.flatMap((round) => round.get(name) ?? []).map(value);
    const [low, middle, high] = [0, 0.5, 1].map((q) => quantile(values, q).toFixed(0));
    return `${middle} (${low} to ${high})`;
  };
  return [
    '## All targets, medians (and ranges) over the rounds',
    '',
    '| target | 1 connection: min µs | p50 µs | p99 µs | 32 connections: requests/s | p99 µs | CPU µs/request | client µs/request |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...namesOf(rounds).map((name) => {
      const cells = [
        cell(name, ({ single }) => single.minUs),
        cell(name, ({ single }) => single.p50Us),
        cell(name, ({ single }) => single.p99Us),
        cell(name, ({ many }) => many.requests / many.seconds),
        cell(name, ({ many }) => many.p99Us),
        name === 'direct' ? '' : cell(name, ({ many }) => many.cpuUs),
        cell(name, ({ many }) => many.clientCpuUs),
      ];
      return `| ${name} | ${cells.join(' | ')} |`;
    }),
  ];
}

function namesOf(rounds: readonly Round[]): string[] {
  return [...new Set(rounds.flatMap((round) => [...round.keys()]))];
}

function minus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

function over(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}
