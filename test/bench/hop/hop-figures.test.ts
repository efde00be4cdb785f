import { hopFigures, hopTable, type Round } from '../../../bench/hop/hop-figures';
import type { LoadResult } from '../../../bench/harness/load-process';

function result(minUs: number, requests: number, cpuUs: number): LoadResult {
  return { requests, seconds: 2, errors: 0, minUs, p50Us: 2 * minUs, p95Us: 0, p99Us: 0, cpuUs, clientCpuUs: 1 };
}

function round(minimums: Record<string, number>): Round {
  return new Map(
    Object.entries(minimums).map(([name, min]) => [
      name,
      { single: result(min, 10, 1), many: result(min, min * 100, min) },
    ]),
  );
}

const valueOf = (figures: ReturnType<typeof hopFigures>, name: string): number | undefined =>
  figures.find((figure) => figure.name === name)?.value;

test('a hop is compared within its round, and figures are medians of the rounds', () => {
  const rounds = [
    round({ direct: 20, gateway: 100, 'plain-node': 10, 'functions-framework': 50, 'bare-proxy': 50 }),
    round({ direct: 120, gateway: 210, 'plain-node': 10, 'functions-framework': 100, 'bare-proxy': 50 }),
    round({ direct: 20, gateway: 220, 'plain-node': 10, 'functions-framework': 110, 'bare-proxy': 100 }),
  ];
  const figures = hopFigures(rounds);
  expect(valueOf(figures, 'hop.added.min.us')).toBe(90);
  expect(valueOf(figures, 'hop.added.to-functions-framework')).toBe(2);
  expect(valueOf(figures, 'gateway.cpu.to-bare-proxy')).toBe(2.2);
  expect(figures.find(({ name }) => name === 'gateway.rps')).toMatchObject({
    value: 10_500,
    bar: '≥ 6000',
    holds: true,
  });
  expect(hopTable(rounds).find((line) => line.startsWith('| gateway '))).toContain('210 (100 to 220)');
});

test('a peer that could not be had has no figures, and no bar is said to hold without it', () => {
  const figures = hopFigures([round({ direct: 20, gateway: 100 })]);
  expect(figures.map(({ name }) => name)).not.toContain('hop.added.to-functions-framework');
  expect(figures.filter(({ name }) => name.includes('haproxy'))).toEqual([]);
});
