import { parentPort, workerData } from 'node:worker_threads';
import type { CourtCase } from '../../core/court/court-case';
import { judge } from '../../core/court/judge';
import { policyOf } from '../../core/warming/policies/policy-of';

/** What a thread is started with. */
export interface JudgeThreadData {
  readonly court: CourtCase;
  readonly policy: string;
}

// The entry of a thread that replays one policy: it answers with the verdict, and ends.
const { court, policy } = workerData as JudgeThreadData;
parentPort?.postMessage(judge(court, [policyOf(policy)])[0]);
