import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SlotFunction } from '../slots/slot-function';
import type { JobScores, PlayJob } from './play-job';

const TOLD_EACH = 10;

/**
 * Plays jobs on as many threads as there are cores, each job on one: what comes out does not depend on their number.
 * @param sets what the jobs are about; their numbers must be shared (see `sharedNumbers`), not copied for each thread
 * @returns the scores of each job, in their order
 */
export async function playAll(
  sets: ReadonlyMap<string, readonly SlotFunction[]>,
  jobs: readonly PlayJob[],
  log: (text: string) => void,
): Promise<JobScores[]> {
  const scores: JobScores[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(path.join(__dirname, 'play-worker.js'), { workerData: sets });
    try {
      for (let index = next++; index < jobs.length; index = next++) {
        scores[index] = await answerOf(worker, jobs[index] as PlayJob);
        if (++done % TOLD_EACH === 0) log(`${done} of ${jobs.length} plays`);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, work));
  return scores;
}

function answerOf(worker: Worker, job: PlayJob): Promise<JobScores> {
  return new Promise((resolve, reject) => {
    const answered = (scores: JobScores): void => {
      worker.off('error', failed);
      resolve(scores);
    };
    const failed = (error: Error): void => {
      worker.off('message', answered);
      reject(error);
    };
    worker.once('message', answered);
    worker.once('error', failed);
    worker.postMessage(job);
  });
}
