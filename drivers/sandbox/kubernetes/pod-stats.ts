import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import type { SandboxStats } from '../sandbox';
import type { PodCalls } from './pod-calls';
import { FUNCTION_CONTAINER } from './workload-objects';

/** As often as a kubelet measures by itself. */
const MEASURED_EVERY_MS = 10_000;

const summarySchema = z.object({
  pods: z.array(
    z.object({
      podRef: z.object({ uid: z.string() }),
      containers: z
        .array(
          z.object({
            name: z.string(),
            cpu: z.object({ usageCoreNanoSeconds: z.number().default(0) }).optional(),
            memory: z.object({ workingSetBytes: z.number().default(0) }).optional(),
          }),
        )
        .nullish(),
      process_stats: z.object({ process_count: z.number().default(0) }).optional(),
    }),
  ),
});

/** What pods use, as their node's kubelet says: one call for all of a node, and no more than it measures. */
export class PodStats {
  #read: Promise<ReadonlyMap<string, SandboxStats>> | undefined;
  #readAt = 0;

  constructor(
    private readonly calls: Pick<PodCalls, 'podSummary'>,
    private readonly node: string,
    private readonly everyMs: number = MEASURED_EVERY_MS,
  ) {}

  /** @throws PlatformError unsupported where the kubelet says nothing of it (yet) */
  async of(podUid: string): Promise<SandboxStats> {
    if (!this.#read || Date.now() - this.#readAt > this.everyMs) {
      this.#readAt = Date.now();
      this.#read = this.calls.podSummary(this.node).then(readSummary);
    }
    const found = (await this.#read).get(podUid);
    if (found) return found;
    throw new PlatformError('unsupported', `The kubelet of ${this.node} has measured nothing of the pod yet`);
  }
}

/** Use by the uid of each pod. @throws PlatformError unsupported */
function readSummary(answer: unknown): ReadonlyMap<string, SandboxStats> {
  const result = summarySchema.safeParse(answer);
  if (!result.success)
    throw new PlatformError('unsupported', "The kubelet's summary is not understood", { cause: result.error });
  return new Map(
    result.data.pods.map(({ podRef, containers, process_stats }) => {
      const own = containers?.find(({ name }) => name === FUNCTION_CONTAINER);
      const used = {
        cpuMicros: Math.round((own?.cpu?.usageCoreNanoSeconds ?? 0) / 1000),
        memoryBytes: own?.memory?.workingSetBytes ?? 0,
        pids: process_stats?.process_count ?? 0,
      };
      return [podRef.uid, used];
    }),
  );
}
