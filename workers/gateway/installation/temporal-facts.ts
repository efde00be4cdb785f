import type { Connection } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import type { TemporalFacts } from '../../../core/doctor/installation';

/** What the server is and how long it remembers; a sentence where it does not say. */
export async function temporalFacts(
  { workflowService }: Pick<Connection, 'workflowService'>,
  namespace: string,
): Promise<TemporalFacts | string> {
  try {
    const [system, described, cluster] = await Promise.all([
      workflowService.getSystemInfo({}),
      workflowService.describeNamespace({ namespace }),
      // Temporal Cloud lets nobody ask.
      workflowService.getClusterInfo({}).catch(() => null),
    ]);
    return {
      serverVersion: system.serverVersion ?? 'unknown',
      persistence: cluster?.persistenceStore ?? null,
      retentionMs: tsToMs(described.config?.workflowExecutionRetentionTtl ?? undefined),
    };
  } catch (error) {
    return `Temporal cannot be asked: ${(error as Error).message}`;
  }
}
