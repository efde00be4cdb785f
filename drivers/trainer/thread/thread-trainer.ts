import type { EngineName } from '../../../core/forecast/training/training-engine';
import { EPOCHS } from '../../../core/forecast/training/train-epoch';
import { JobThread } from '../../thread/job-thread';
import type { Trainer, Verdict } from '../trainer';
import { UNPREPARED, type TrainingJob } from './training-job';

/** Trains in one thread of its own. */
export class ThreadTrainer implements Trainer {
  readonly epochs = EPOCHS;
  readonly #thread: JobThread<TrainingJob>;

  /** @param log is told which engine trains */
  constructor(
    private readonly engine: EngineName = 'own',
    log: (line: string) => void = () => undefined,
  ) {
    this.#thread = new JobThread(require.resolve('./training-job'), 'Training', log);
  }

  async train({ set, state, functions }: Parameters<Trainer['train']>[0]): Promise<Uint8Array> {
    for (;;) {
      const next = await this.#thread.run<Uint8Array | typeof UNPREPARED>({
        kind: 'train',
        set,
        state,
        engine: this.engine,
      });
      if (next !== UNPREPARED) return next;
      await this.#thread.run({ kind: 'prepare', set, functions: await functions() });
    }
  }

  finish({ state, functions }: Parameters<Trainer['finish']>[0]): Promise<Uint8Array> {
    return this.#thread.run({ kind: 'finish', state, functions });
  }

  validate({ history, model, network }: Parameters<Trainer['validate']>[0]): Promise<Verdict> {
    return this.#thread.run({ kind: 'validate', history, model, network });
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
