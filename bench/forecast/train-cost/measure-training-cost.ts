import { fork } from 'node:child_process';
import path from 'node:path';
import type { NamedHistory } from '../../../core/forecast/history-codec';
import type { TrainingCost } from './training-cost';

/** What a retraining of these functions takes, in a process of its own. @throws Error when that ends without an answer */
export function measureTrainingCost(histories: readonly NamedHistory[]): Promise<TrainingCost> {
  const child = fork(path.join(__dirname, 'training-cost-process.js'), { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.once('message', (cost) => resolve(cost as TrainingCost));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The process that trains ended with ${code}`)));
    child.send(histories);
  });
}
