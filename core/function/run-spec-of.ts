import { PlatformError } from '../error/platform-error';
import { checkpointMoment, type Manifest } from './manifest';
import { parseCpu, parseDuration, parseMemory } from './quantity';
import type { RunSpec } from './run-spec';

/** The part of a stored revision that decides how it runs. */
export interface RunnableRevision {
  readonly id: string;
  readonly number: number;
  readonly functionId: string;
  readonly tenant: string;
  readonly function: string;
  readonly manifest: Manifest;
  readonly codeDigest: string;
  readonly codeKind: RunSpec['codeKind'];
}

/**
 * What an agent needs to run a revision: units resolved, defaults in, secrets opened.
 * @param secrets values by secret name, of all that the manifest names
 * @throws PlatformError start_failed when one of them is missing
 */
export function runSpecOf(revision: RunnableRevision, secrets: ReadonlyMap<string, string> = new Map()): RunSpec {
  const { spec } = revision.manifest;
  return {
    tenant: revision.tenant,
    function: revision.function,
    functionId: revision.functionId,
    revisionId: revision.id,
    revision: revision.number,
    runtime: spec.runtime,
    handler: spec.handler ?? null,
    command: spec.command ?? null,
    codeDigest: revision.codeDigest,
    codeKind: revision.codeKind,
    env: spec.env,
    secretEnv: Object.fromEntries(spec.secrets.map(({ name, env }) => [env, valueOf(secrets, name, revision)])),
    limits: {
      memoryBytes: parseMemory(spec.resources.memory),
      cpuMillis: parseCpu(spec.resources.cpu),
      pids: spec.resources.pids,
    },
    timeouts: {
      startMs: parseDuration(spec.timeouts.start),
      firstByteMs: parseDuration(spec.timeouts.firstByte),
      idleMs: parseDuration(spec.timeouts.idle),
      totalMs: parseDuration(spec.timeouts.total),
    },
    concurrency: spec.concurrency,
    scale: { min: spec.scale.min, max: spec.scale.max, keepAliveMs: parseDuration(spec.scale.keepAlive) },
    network: spec.network,
    healthPath: spec.health?.path ?? null,
    checkpoint: {
      when: checkpointMoment(revision.manifest),
      mapPages: spec.checkpoint.mapPages,
      warmUp: spec.checkpoint.warmUp.map(({ body, ...request }) => ({
        ...request,
        ...(body === undefined ? {} : { body }),
      })),
    },
  };
}

function valueOf(secrets: ReadonlyMap<string, string>, name: string, revision: RunnableRevision): string {
  const value = secrets.get(name);
  if (value !== undefined) return value;
  throw new PlatformError(
    'start_failed',
    `The secret "${name}" that ${revision.function} revision ${revision.number} needs is not set`,
    { hint: `Set it with PUT /v1/secrets/${name}; the next request finds it.` },
  );
}
