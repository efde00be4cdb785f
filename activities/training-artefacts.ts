import { decodeHistories, type NamedHistory } from '../core/forecast/history-codec';
import { readArtefact, writeArtefact } from '../drivers/image-store/read-artefact';
import type { TrainedFunction } from '../drivers/trainer/trainer';
import type { ActivityDependencies } from './dependencies';
import type { FittedDataset, FittedShard } from './training-activities';

/**
 * The steps of a training run, each computed once: what a step gave is stored under its digest, and the digest under the run
 * and the step's name, before anything builds on it. An activity that is tried again after that gives what is stored.
 */
export class TrainingArtefacts {
  /**
   * Steps that are computed now. A server that was away takes an activity for lost that goes on all the same: the next try
   * then waits for that work rather than doing it beside it.
   */
  readonly #underWay = new Map<string, Promise<string>>();

  constructor(private readonly dependencies: Pick<ActivityDependencies, 'store' | 'images'>) {}

  /** Digest of what the step gave: of an earlier try, or of `compute` now. */
  once(run: string, step: string, compute: () => Promise<Uint8Array>): Promise<string> {
    const key = `${run} ${step}`;
    const underWay = this.#underWay.get(key) ?? this.#compute(run, step, compute);
    this.#underWay.set(key, underWay);
    // By both ways: a promise of `finally` that nobody holds would be a rejection that nobody handles.
    const done = (): boolean => this.#underWay.delete(key);
    underWay.then(done, done);
    return underWay;
  }

  async #compute(run: string, step: string, compute: () => Promise<Uint8Array>): Promise<string> {
    const { store, images } = this.dependencies;
    const known = await store.trainingStep(run, step);
    if (known !== null) return known;
    const artefact = await writeArtefact(images, await compute());
    return store.noteTrainingStep({ run, step, artefact });
  }

  /** As `once`, of a value that JSON can hold. */
  async valueOnce<T>(run: string, step: string, compute: () => Promise<T>): Promise<T> {
    const encoded = async (): Promise<Uint8Array> => new TextEncoder().encode(JSON.stringify(await compute()));
    return this.value<T>(await this.once(run, step, encoded));
  }

  /** @throws PlatformError artefact_refused */
  bytes(digest: string): Promise<Uint8Array> {
    return readArtefact(this.dependencies.images, digest);
  }

  async value<T>(digest: string): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.bytes(digest))) as T;
  }

  /** The functions of some shards, with what was fitted to them. */
  async functions(shards: readonly FittedDataset[]): Promise<TrainedFunction[]> {
    const found: TrainedFunction[] = [];
    for (const { dataset, fitted } of shards) {
      const fits = await this.value<FittedShard>(fitted);
      for (const history of await this.histories(dataset)) {
        found.push({ history, arima: fits[history.functionId] ?? null });
      }
    }
    return found;
  }

  async histories(digest: string): Promise<NamedHistory[]> {
    return decodeHistories(await this.bytes(digest));
  }
}
