import { parentPort, workerData } from 'node:worker_threads';
import type { SlotFunction } from '../slots/slot-function';
import type { PlayJob } from './play-job';
import { playJobScores } from './play-job-scores';

/** A thread of `playAll`: a job comes, its scores go back. */
const sets = workerData as ReadonlyMap<string, readonly SlotFunction[]>;

parentPort?.on('message', (job: PlayJob) => parentPort?.postMessage(playJobScores(job, sets)));
