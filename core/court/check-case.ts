import { z } from 'zod';
import { PlatformError, type Problem } from '../error/platform-error';
import { problemsOf } from '../function/manifest';
import { START_KINDS } from '../start/start';
import { RUNGS } from '../warming/warming-policy';
import type { CourtCalls, CourtCase } from './court-case';

const MOST_PROBLEMS = 20;
const positive = z.number().positive();
const natural = z.number().int().min(0);
const count = z.number().int().min(1);
const notNegative = z.number().min(0);
const samples = z.array(notNegative).min(1, 'must have a measured time, in milliseconds');

const rungSchema = z.object({
  name: z.enum(RUNGS),
  holding: notNegative,
  delaySeconds: notNegative,
  delayPrice: notNegative,
});
const rungsSchema = z.array(rungSchema).min(1).max(RUNGS.length);

const functionSchema = z.object({
  warm: z
    .object({
      id: z.string().min(1),
      memoryGb: positive,
      rungs: rungsSchema,
      furtherRungs: rungsSchema.optional(),
      executeSeconds: notNegative,
      concurrency: count,
      min: natural,
      max: count,
    })
    .refine(({ min, max }) => min <= max, {
      path: ['min'],
      error: ({ input }) => `min ${(input as { min: number }).min} is above max ${(input as { max: number }).max}`,
    }),
  believed: z.object({ warm: notNegative, restore: notNegative, cold: notNegative }).nullable(),
  memoryBytes: count,
  keepAliveMs: notNegative,
  node: natural,
  checkpoint: z.object({ from: z.number(), rawBytes: natural, sealedBytes: natural }).nullable(),
  joins: z.array(z.number()),
  starts: z.object({ warm: samples, local: samples, remote: samples, cold: samples }),
  seen: z.boolean(),
});

const caseSchema = z.object({
  functions: z.array(functionSchema).min(1),
  nodes: z
    .array(
      z.object({
        memoryBytes: count,
        imageBytes: natural,
        cores: positive,
        parallelRestores: count,
        parallelColdStarts: count,
        canFreeze: z.boolean(),
      }),
    )
    .min(1),
  window: z.object({ from: z.number(), to: z.number() }).refine(({ from, to }) => from < to, 'from must be before to'),
  prices: z.object({
    gbSecond: notNegative,
    runningSecond: notNegative,
    storedGbSecond: notNegative,
    waitSecond: notNegative,
  }),
  delays: z.object({ linger: notNegative, decision: notNegative.max(59_999), record: notNegative }),
  seed: z.number().int(),
});

/**
 * Refuses what cannot be replayed.
 * @throws PlatformError invalid_argument with the problems, the first twenty of them
 */
export function checkCase(court: CourtCase): void {
  const parsed = caseSchema.safeParse(court);
  const problems = [
    ...(parsed.error ? problemsOf(parsed.error) : []),
    ...(parsed.success ? crossProblems(court) : []),
    ...callProblems(court.calls, court.functions.length),
  ];
  if (problems.length === 0) return;
  const told = problems.slice(0, MOST_PROBLEMS);
  const lines = told.map(({ path, message, hint }) => `${path}: ${message}${hint ? ` (${hint})` : ''}`).join('; ');
  throw new PlatformError(
    'invalid_argument',
    `The recording cannot be replayed, ${problems.length} problem(s): ${lines}`,
    {
      problems: told,
    },
  );
}

function crossProblems({ functions, nodes }: CourtCase): Problem[] {
  const ids = new Set<string>();
  return functions.flatMap(({ warm, node, memoryBytes }, index) => {
    const path = `functions.${index}`;
    const problems: Problem[] = [];
    const there = nodes[node];
    if (ids.has(warm.id)) problems.push({ path: `${path}.warm.id`, message: `"${warm.id}" is there twice` });
    ids.add(warm.id);
    if (!there) {
      problems.push({ path: `${path}.node`, message: `there is no node ${node}`, hint: `0 to ${nodes.length - 1}` });
    } else if (memoryBytes > there.memoryBytes) {
      problems.push({
        path: `${path}.memoryBytes`,
        message: `${memoryBytes} is more than the whole node ${node} has (${there.memoryBytes})`,
      });
    }
    return problems;
  });
}

function callProblems({ functions, at, executeMs, cpuMs, measured }: CourtCalls, known: number): Problem[] {
  const problems: Problem[] = [];
  const columns = [functions, executeMs, cpuMs, measured?.kinds, measured?.waitMs];
  if (columns.some((column) => column && column.length !== at.length)) {
    return [{ path: 'calls', message: 'the columns are not equally long' }];
  }
  for (let call = 0; call < at.length && problems.length < MOST_PROBLEMS; call++) {
    const [moment, before] = [at[call] as number, at[call - 1] ?? -Infinity];
    const path = `calls.${call}`;
    if (!Number.isFinite(moment)) problems.push({ path: `${path}.at`, message: `${moment} is no moment` });
    else if (moment < before) {
      problems.push({
        path: `${path}.at`,
        message: `${moment} is before the call ahead of it (${before}): the clock went back, or the calls are not sorted`,
        hint: 'sort the calls by their arrival',
      });
    }
    if (!((executeMs[call] as number) >= 0 && (executeMs[call] as number) < Infinity)) {
      problems.push({ path: `${path}.executeMs`, message: `${executeMs[call]} is no time from 0 on` });
    }
    if (cpuMs && !((cpuMs[call] as number) >= 0)) {
      problems.push({ path: `${path}.cpuMs`, message: `${cpuMs[call]} is no time from 0 on` });
    }
    if (measured && START_KINDS[measured.kinds[call] as number] === undefined) {
      problems.push({ path: `${path}.measured.kinds`, message: `there is no kind of start ${measured.kinds[call]}` });
    }
    if ((functions[call] as number) >= known) {
      problems.push({ path: `${path}.functions`, message: `there is no function ${functions[call]}` });
    }
  }
  return problems;
}
