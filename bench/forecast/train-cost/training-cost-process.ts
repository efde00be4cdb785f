import type { NamedHistory } from '../../../core/forecast/history-codec';
import { trainingCost } from './training-cost';

/** A process of its own, so that what it holds and takes is the training's alone: gets the functions, answers and ends. */
process.once('message', (histories: readonly NamedHistory[]) => {
  trainingCost(histories).then(
    (cost) => process.send?.(cost, undefined, undefined, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
