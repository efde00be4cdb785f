import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { startPlatform } from '../harness/platform';
import { figure } from '../harness/report';
import { ensureSchemathesis, runSchemathesis, type FuzzReport } from './schemathesis';
import { makeScratchTenant } from './scratch-tenant';

/**
 * Two parts, each with keys of its own: the first cannot take back the key it comes with, though it learns ids from
 * answers, for the operations that do so are in the second, which learns no ids.
 */
const PARTS = [
  ['--exclude-path-regex', '^/v1/keys/'],
  ['--include-path-regex', '^/v1/keys/'],
] as const;
/** About so many share the examples of a round. */
const OPERATIONS = 100;
const ROUNDS = 10;
const MAX_MINUTES = 30;

export const fuzzBench: Bench = {
  name: 'fuzz',
  description:
    'the control API against its OpenAPI document: Schemathesis sends what it allows and what it does not, and checks each answer',
  options: { cases: 'at least so many; default 10000, with --quick 1000', seed: 'of the first round; default 1' },
  run: measureFuzz,
};

async function measureFuzz(request: BenchRequest): Promise<BenchResult> {
  const { log, quick } = request;
  const cases = countOption(request, 'cases', quick ? 1_000 : 10_000);
  const seed = countOption(request, 'seed', 1);
  const command = await ensureSchemathesis(log);
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-fuzz-'));
  log('starting a platform of its own');
  const platform = await startPlatform({});
  try {
    const tenant = await makeScratchTenant(platform);
    const reports: FuzzReport[] = [];
    const deadline = Date.now() + MAX_MINUTES * 60_000;
    // What covers the schemas is the same in each round; what is drawn at random is not.
    for (let round = 0; round < ROUNDS && sent(reports) < cases && Date.now() < deadline; round++) {
      for (const [part, choose] of PARTS.entries()) {
        const report = await runSchemathesis(command, {
          url: platform.url,
          apiKey: await tenant.newKey(),
          seed: seed + round,
          examples: Math.max(5, Math.ceil((cases - sent(reports)) / OPERATIONS / 2)),
          choose,
          config: tenant.config,
          folder: path.join(folder, `${round + 1}.${part + 1}`),
          timeoutMs: Math.max(60_000, deadline - Date.now()),
        });
        reports.push(report);
        log(`round ${round + 1}.${part + 1}: ${sent(reports)} cases so far, ${failures(reports).length} kinds of failure`); // prettier-ignore
      }
    }
    tenant.close();
    return resultOf(reports, cases, folder);
  } finally {
    await platform.stop();
  }
}

function resultOf(reports: readonly FuzzReport[], cases: number, folder: string): BenchResult {
  const total = sent(reports);
  const statuses = new Map<number, number>();
  for (const report of reports) {
    for (const [status, count] of report.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count);
  }
  const count = (chosen: (status: number) => boolean): number =>
    [...statuses].filter(([status]) => chosen(status)).reduce((sum, [, each]) => sum + each, 0);
  const found = failures(reports);
  const mismatches = found.filter(({ type }) => type !== 'ServerError');
  const sum = (of: readonly { count: number }[]): number => of.reduce((all, each) => all + each.count, 0);
  const first = reports.slice(0, PARTS.length);
  const reached = new Set(first.flatMap(({ valid_rates }) => accepted(valid_rates))).size;
  return {
    figures: [
      figure('fuzz.cases', 'cases', total, reports.length, { atLeast: cases }),
      figure('fuzz.serverErrors', 'answers 5xx', count((status) => status >= 500), total, { atMost: 0 }), // prettier-ignore
      figure('fuzz.mismatches', 'answers', sum(mismatches), total, { atMost: 0 }),
      figure('fuzz.unanswered', 'requests', count((status) => status === 0) + reports.reduce((all, { errors }) => all + errors.length, 0), total, { atMost: 0 }), // prettier-ignore
      figure(
        'fuzz.operations',
        'operations',
        first.reduce((all, { operations }) => all + operations.tested, 0),
        1,
      ),
      figure('fuzz.operationsThatAccepted', 'operations', reached, 1),
    ],
    sections: [
      `Answers by status: ${[...statuses].sort(([a], [b]) => a - b).map(([status, each]) => `${status}: ${each}`).join(', ')}.`, // prettier-ignore
      '',
      ...found.map(({ title, count: times, operations }) => `- ${title}, ${times} times: ${operations.join(', ')}`),
      ...(found.length > 0 ? ['', `What was sent and answered: ${folder}`] : []),
    ],
  };
}

function sent(reports: readonly FuzzReport[]): number {
  return reports.reduce((sum, report) => sum + report.test_cases.generated, 0);
}

function failures(reports: readonly FuzzReport[]): FuzzReport['failures'] {
  return reports.flatMap((report) => report.failures);
}

/** Operations of which at least one answer was a success. */
function accepted(rates: FuzzReport['valid_rates']): string[] {
  return Object.entries(rates)
    .filter(([, phases]) => Object.values(phases).some((phase) => phase.accepted > 0))
    .map(([operation]) => operation);
}
