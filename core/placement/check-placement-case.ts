import { z } from 'zod';
import { PlatformError, type Problem } from '../error/platform-error';
import { ISOLATIONS } from '../function/isolation';
import { problemsOf, TIERS } from '../function/manifest';
import type { PlacementCase } from './placement-case';
import { placementPricesSchema, placementWeightsSchema } from './placement-prices';

const MOST_PROBLEMS = 20;
const name = z.string().min(1);
const positive = z.number().positive();
const notNegative = z.number().min(0);
const natural = z.number().int().min(0);

const nodeSchema = z.object({
  name,
  region: name,
  tier: z.enum(TIERS),
  isolation: z.enum(ISOLATIONS).optional(),
  state: z.enum(['ready', 'cordoned', 'draining', 'lost']),
  cpuMillis: notNegative,
  memoryBytes: natural,
  slots: natural,
  bandwidthBytesPerSecond: notNegative.nullable(),
  priceFactor: notNegative,
});

const functionSchema = z.object({
  id: name,
  users: z.array(z.object({ region: name, callsPerHour: notNegative })),
  bytesPerCall: notNegative,
  data: z.array(z.object({ region: name, tripsPerCall: notNegative, bytesPerCall: notNegative })),
  cpuMillis: notNegative,
  instances: z.number().int().min(1),
  memoryBytes: natural,
  sla: z.object({ percentile: positive.max(100), ms: positive }).nullable(),
  regions: z.array(name).min(1, 'an empty list leaves no node; null is for all regions').nullable(),
  tiers: z.array(z.enum(TIERS)).min(1, 'an empty list leaves no node'),
  isolation: z.enum(ISOLATIONS).optional(),
  preferTier: z.enum(TIERS).nullable(),
  replicas: z
    .object({ min: z.number().int().min(1), max: z.number().int().min(1) })
    .refine(({ min, max }) => min <= max, 'min is above max'),
  current: z.object({ nodes: z.array(name), secondsSinceMove: notNegative.nullable() }).nullable(),
  move: z.object({ bytes: notNegative, seconds: notNegative, waitSeconds: notNegative }),
});

const caseSchema = z.object({
  regions: z.array(name),
  nodes: z.array(nodeSchema).min(1, 'there is no node'),
  functions: z.array(functionSchema),
  calls: z.array(z.object({ from: name, to: name, callsPerHour: notNegative, bytesPerCall: notNegative })),
  weights: placementWeightsSchema,
  prices: placementPricesSchema,
});

/**
 * Refuses a case that cannot be judged, before anything is decided on it.
 * @throws PlatformError invalid_argument that tells all problems, the first twenty of them by name
 */
export function checkPlacementCase(problem: PlacementCase): void {
  const parsed = caseSchema.safeParse(problem);
  const problems = [
    ...(parsed.error ? problemsOf(parsed.error) : []),
    ...repeated('regions', problem.regions),
    ...repeated(
      'nodes',
      problem.nodes.map((node) => node.name),
    ),
    ...repeated(
      'functions',
      problem.functions.map(({ id }) => id),
    ),
    ...strangers(problem),
    ...edgeProblems(problem),
    ...matrixProblems(problem, 'regionMs', problem.regions),
    ...matrixProblems(
      problem,
      'nodeMs',
      problem.nodes.map((node) => node.name),
    ),
  ];
  if (problems.length === 0) return;
  const told = problems.slice(0, MOST_PROBLEMS);
  const lines = told.map(({ path, message, hint }) => `${path}: ${message}${hint ? ` (${hint})` : ''}`).join('; ');
  const rest = problems.length - told.length;
  throw new PlatformError(
    'invalid_argument',
    `The placement case has ${problems.length} problem(s): ${lines}${rest > 0 ? `; and ${rest} more` : ''}`,
    { problems: told },
  );
}

function repeated(path: string, names: readonly string[]): Problem[] {
  const seen = new Set<string>();
  return names.flatMap((each, index) => {
    const again = seen.has(each);
    seen.add(each);
    return again ? [{ path: `${path}.${index}`, message: `"${each}" is there twice` }] : [];
  });
}

/** Regions that functions speak of and nobody has a latency to. Residency may name a region without users: nodes have one too. */
function strangers({ regions, nodes, functions }: PlacementCase): Problem[] {
  const known = new Set(regions);
  const places = new Set([...regions, ...nodes.map(({ region }) => region)]);
  const hint = `known are ${regions.join(', ') || 'none'}`;
  return functions.flatMap((fn, index) => {
    const path = `functions.${index}`;
    const strange = (where: string, region: string): Problem[] =>
      known.has(region) ? [] : [{ path: `${path}.${where}`, message: `region "${region}" is unknown`, hint }];
    return [
      ...fn.users.flatMap(({ region }, place) => strange(`users.${place}`, region)),
      ...repeated(
        `${path}.users`,
        fn.users.map(({ region }) => region),
      ),
      ...fn.data.flatMap(({ region }, place) => strange(`data.${place}`, region)),
      ...(fn.regions ?? [])
        .filter((region) => !places.has(region))
        .map((region) => ({ path: `${path}.regions`, message: `region "${region}" is unknown`, hint })),
    ];
  });
}

function edgeProblems({ functions, calls }: PlacementCase): Problem[] {
  const ids = new Set(functions.map(({ id }) => id));
  const pairs = calls.map(({ from, to }) => `${from} → ${to}`);
  return [
    ...repeated('calls', pairs),
    ...calls.flatMap(({ from, to }, index) => {
      const path = `calls.${index}`;
      const unknown = [...new Set([from, to])].filter((id) => !ids.has(id));
      return [
        ...unknown.map((id) => ({ path, message: `there is no function "${id}"` })),
        ...(from === to ? [{ path, message: `"${from}" calls itself, which no placement changes` }] : []),
      ];
    }),
  ];
}

function matrixProblems(problem: PlacementCase, path: 'regionMs' | 'nodeMs', rows: readonly string[]): Problem[] {
  const matrix = problem[path];
  const columns = problem.nodes.map((node) => node.name);
  const extra = matrix.length > rows.length ? [{ path, message: `${matrix.length} rows, not ${rows.length}` }] : [];
  const cells = rows.flatMap((from, row) =>
    columns.flatMap((to, column) => {
      const ms = matrix[row]?.[column];
      if (typeof ms === 'number' && ms >= 0 && ms < Infinity) return [];
      const message = ms === undefined ? 'is missing' : `is ${ms}, not a time in ms from 0 on`;
      return [{ path, message: `${from} → ${to} ${message}` }];
    }),
  );
  return [...extra, ...cells];
}
