import type { Logger } from 'pino';
import { isPlatformError, PlatformError, toPlatformError } from '../../../core/error/platform-error';
import type { PodCalls } from './pod-calls';
import type { KnownPod } from './pod-book';
import type { WorkloadSpec } from './workload-objects';

/** Wishes of one turn become one call. */
const GATHER_MS = 10;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** For Kubernetes to take a pod that was told to go, or that the Deployment has one too many. */
const PATIENCE_MS = 10_000;
/** Of one that does not go. */
const HARD_GRACE_SECONDS = 1;

/** The calls that it makes. */
export type WorkloadCalls = Pick<PodCalls, 'createWorkload' | 'scale' | 'removeWorkload' | 'markPod' | 'deletePod'>;

export interface PodCountWorld {
  /** How many pods there should be. */
  readonly wanted: () => number;
  /** Those there are. */
  readonly pods: () => readonly KnownPod[];
  /** Tells all who wait for a pod. */
  readonly refuse: (error: PlatformError) => void;
  /** Nothing is wanted, and nothing is left. */
  readonly ended: () => void;
}

/**
 * Keeps a Deployment at the number of pods that is wanted, and without those that must go. What is wished is compared with what is
 * there after every event, so that it does not matter which call or event was lost.
 */
export class PodCount {
  /** Pods that are nobody's any more and must go, by uid; since when. */
  readonly #condemned = new Map<string, number>();
  readonly #marked = new Set<string>();
  /** What the Deployment was last told; null: nothing. */
  #asked: number | null = null;
  /** It may be there, if only because an answer got lost. */
  #made = false;
  #closing = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #working = false;
  #again = false;
  #retryMs = FIRST_RETRY_MS;

  constructor(
    private readonly spec: WorkloadSpec,
    private readonly calls: WorkloadCalls,
    private readonly world: PodCountWorld,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** The Deployment is being removed: it does not come back. */
  get closing(): boolean {
    return this.#closing;
  }

  /** There is a Deployment of so many already. */
  adopt(replicas: number): void {
    this.#asked = replicas;
    this.#made = true;
  }

  condemn(uid: string): void {
    if (!this.#condemned.has(uid)) this.#condemned.set(uid, Date.now());
  }

  isCondemned(uid: string): boolean {
    return this.#condemned.has(uid);
  }

  /** Something may have changed. */
  look(): void {
    const present = new Set(this.world.pods().map(({ uid }) => uid));
    for (const uid of this.#condemned.keys()) {
      if (present.has(uid)) continue;
      this.#condemned.delete(uid);
      this.#marked.delete(uid);
    }
    this.#in(GATHER_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The sooner of two times counts. */
  #in(ms: number): void {
    if (this.#working) this.#again = true;
    const at = Date.now() + ms;
    if (this.#stopped || this.#working || (this.#timer && this.#timerAt <= at)) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => void this.#work(), ms);
  }

  async #work(): Promise<void> {
    this.#timer = undefined;
    this.#working = true;
    this.#again = false;
    let pauseMs = GATHER_MS;
    try {
      await this.#step();
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      pauseMs = this.#failed(error);
    }
    this.#working = false;
    // Nothing more may come from Kubernetes about a pod that does not go.
    if (this.#again) this.#in(pauseMs);
    else if (this.#condemned.size > 0) this.#in(PATIENCE_MS / 4);
  }

  /** One step towards what is wished. */
  async #step(): Promise<void> {
    const wanted = this.world.wanted();
    if (wanted === 0) return this.#end();
    // Removed by somebody else while its pods still run: they go with their instances.
    if (this.#closing) return this.#hurry();
    if (this.#asked === null) {
      this.#made = true;
      await this.calls.createWorkload(this.spec, wanted);
      this.#asked = wanted;
    } else if (this.#asked === wanted) await this.#replaceCondemned(wanted);
    else await this.#scale(this.#asked, wanted);
  }

  async #scale(before: number, wanted: number): Promise<void> {
    if (wanted < before) await this.#markCondemned();
    if (await this.calls.scale(this.spec.name, wanted)) {
      this.#asked = wanted;
      return;
    }
    this.#closing = true;
    this.world.refuse(
      new PlatformError('start_failed', `The Deployment ${this.spec.name} was removed by somebody else`),
    );
    this.#again = true;
  }

  async #markCondemned(): Promise<void> {
    for (const { uid, name, terminating } of this.world.pods()) {
      if (terminating || !this.#condemned.has(uid) || this.#marked.has(uid)) continue;
      await this.calls.markPod(name);
      this.#marked.add(uid);
    }
  }

  /** The Deployment has as many as it should, and not the right ones: it makes others in their place. */
  async #replaceCondemned(wanted: number): Promise<void> {
    const alive = this.world.pods().filter(({ terminating }) => !terminating);
    for (const { uid, name } of alive) {
      const since = this.#condemned.get(uid);
      if (since === undefined) continue;
      if (alive.length <= wanted || Date.now() - since > PATIENCE_MS) await this.calls.deletePod(name, null);
    }
    await this.#hurry();
  }

  /** All pods go with the Deployment. */
  async #end(): Promise<void> {
    this.#closing = true;
    if (this.#made) {
      await this.calls.removeWorkload(this.spec.name);
      this.#made = false;
    }
    await this.#hurry();
    if (this.world.pods().length === 0) this.world.ended();
  }

  /** A server of the user's own may not know that it is told to end. Nothing is in flight on it: the platform saw to that. */
  async #hurry(): Promise<void> {
    for (const { uid, name, terminating } of this.world.pods()) {
      const since = this.#condemned.get(uid);
      if (!terminating || since === undefined || Date.now() - since < PATIENCE_MS) continue;
      await this.calls.deletePod(name, HARD_GRACE_SECONDS);
      this.#condemned.set(uid, Date.now());
    }
  }

  /** What may succeed later is tried again for as long as somebody waits; a refusal is told to all who wait. @returns when */
  #failed(error: unknown): number {
    const failure = toPlatformError(error);
    if (isPlatformError(error) && failure.code !== 'unavailable') this.world.refuse(failure);
    this.log.warn({ workload: this.spec.name, error: failure.message }, 'pods cannot be changed yet; trying again');
    this.#again = true;
    const pauseMs = this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    return pauseMs;
  }
}
