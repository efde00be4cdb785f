import type { Logger } from 'pino';
import { describeExit } from '../../../core/start/describe-exit';
import { PlatformError } from '../../../core/error/platform-error';
import type { KnownPod, PodBook } from './pod-book';
import { PodCount, type WorkloadCalls } from './pod-count';
import type { PodExit } from './pod-state';
import type { WorkloadSpec } from './workload-objects';

/** An instance's place in the workload: it waits for a pod, has one, or lets it go. */
interface Place {
  readonly id: string;
  pod: KnownPod | null;
  /** False while what the pod of a failed start wrote is read. */
  alive: boolean;
  readonly started: (pod: KnownPod) => void;
  readonly failed: (error: PlatformError) => void;
  /** Set when it is to end. */
  ending: Promise<void> | null;
  gone: () => void;
}

export interface WorkloadEvents {
  /** A pod has become this instance's, for good. */
  readonly bound: (id: string, pod: KnownPod) => void;
  /** A pod that was meant for this instance cannot start: what it wrote can be read until this resolves. Never throws. */
  readonly failing: (id: string, pod: KnownPod) => Promise<void>;
  /** The pod of an instance ended, or was told to go, by somebody else. */
  readonly lost: (id: string, exit: PodExit) => void;
  /** Nothing is left of it. */
  readonly empty: () => void;
}

/**
 * The pods of one revision on one node: as many as there are instances. Pods of a Deployment are alike, so an instance takes
 * whichever is ready first.
 */
export class Workload {
  readonly #places = new Map<string, Place>();
  readonly #count: PodCount;
  #pods: readonly KnownPod[] = [];
  #over = false;

  constructor(
    readonly spec: WorkloadSpec,
    calls: WorkloadCalls,
    private readonly book: PodBook,
    private readonly events: WorkloadEvents,
    log: Pick<Logger, 'warn'>,
  ) {
    const world = {
      wanted: () => [...this.#places.values()].filter(({ ending }) => ending === null).length,
      pods: () => this.#pods,
      refuse: (error: PlatformError) => this.#refuse(error),
      ended: () => this.#ended(),
    };
    this.#count = new PodCount(spec, calls, world, log);
    book.follow(spec.name, (pods) => this.#observe(pods));
  }

  /** It takes no instances any more. */
  get over(): boolean {
    return this.#over || this.#count.closing;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Takes over what an earlier process left: its Deployment of so many, and who is who. */
  adopt(replicas: number, owners: ReadonlyMap<string, string>): void {
    this.#count.adopt(replicas);
    for (const pod of this.book.podsOf(this.spec.name)) {
      const id = owners.get(pod.uid);
      if (id === undefined) this.#count.condemn(pod.uid);
      else this.#places.set(id, { id, pod, alive: true, started: ignore, failed: ignore, ending: null, gone: ignore });
    }
    this.#count.look();
  }

  /** Waits for a pod that serves. @throws PlatformError start_failed, restore_failed */
  start(id: string): Promise<KnownPod> {
    return new Promise((resolve, reject) => {
      this.#places.set(id, {
        id,
        pod: null,
        alive: true,
        started: resolve,
        failed: reject,
        ending: null,
        gone: ignore,
      });
      this.#observe(this.book.podsOf(this.spec.name));
      this.#count.look();
    });
  }

  /** Resolves when its pod is gone; at once where it has none yet. */
  stop(id: string): Promise<void> {
    const place = this.#places.get(id);
    if (!place) return Promise.resolve();
    if (place.ending) return place.ending;
    const { pod } = place;
    if (pod === null) {
      this.#places.delete(id);
      place.failed(calledOff());
      this.#count.look();
      return Promise.resolve();
    }
    place.ending = new Promise((resolve) => (place.gone = resolve));
    place.failed(calledOff());
    this.#count.condemn(pod.uid);
    this.#observe(this.book.podsOf(this.spec.name));
    this.#count.look();
    return place.ending;
  }

  podOf(id: string): KnownPod | null {
    return this.#places.get(id)?.pod ?? null;
  }

  /** Lets go of it; its pods run on. */
  release(): void {
    this.#over = true;
    this.#count.stop();
    this.book.unfollow(this.spec.name);
  }

  #ended(): void {
    if (this.#places.size > 0) return;
    this.release();
    this.events.empty();
  }

  #observe(pods: readonly KnownPod[]): void {
    this.#pods = pods;
    const present = new Map(pods.map((pod) => [pod.uid, pod]));
    for (const place of [...this.#places.values()]) {
      if (place.pod === null) continue;
      const now = present.get(place.pod.uid);
      if (!place.alive) continue;
      if (!now) this.#vanished(place);
      else if (!place.ending && (now.exit !== null || now.terminating || now.failure !== null)) {
        this.#count.condemn(now.uid);
        this.#lose(place, now.exit);
      }
    }
    this.#bind();
    this.#failStarts();
    if (pods.length > 0 || this.#places.size > 0) this.#count.look();
  }

  #vanished(place: Place): void {
    this.#places.delete(place.id);
    if (place.ending) place.gone();
    else this.#lose(place, null);
  }

  #lose(place: Place, exit: PodExit | null): void {
    // Its owner ends it, which is answered when the pod is gone.
    place.ending = new Promise((resolve) => (place.gone = resolve));
    if (!this.#places.has(place.id)) place.gone();
    this.events.lost(place.id, exit ?? { code: null, signal: null, outOfMemory: false });
    this.#count.look();
  }

  #bind(): void {
    const waiting = [...this.#places.values()].filter(({ pod }) => pod === null);
    for (const pod of this.#free()) {
      if (pod.readyAt === null || pod.exit !== null || pod.failure !== null) continue;
      const place = waiting.shift();
      if (!place) return;
      place.pod = pod;
      this.events.bound(place.id, pod);
      place.started(pod);
    }
  }

  /** A pod that cannot start is the failure of whoever has waited longest. */
  #failStarts(): void {
    for (const pod of this.#free()) {
      const why = pod.failure ?? (pod.exit ? `it ${describeExit(pod.exit)} before it served` : null);
      if (why === null) continue;
      const place = [...this.#places.values()].find((each) => each.pod === null);
      if (place) void this.#failStart(place, pod, why);
      else this.#count.condemn(pod.uid);
    }
  }

  async #failStart(place: Place, pod: KnownPod, why: string): Promise<void> {
    place.pod = pod;
    place.alive = false;
    await this.events.failing(place.id, pod);
    this.#places.delete(place.id);
    this.#count.condemn(pod.uid);
    const code = this.spec.checkpointImage === null ? 'start_failed' : 'restore_failed';
    place.failed(new PlatformError(code, `The pod ${pod.name} did not start: ${why}`));
    place.gone();
    this.#count.look();
  }

  /** Pods that are nobody's. */
  #free(): readonly KnownPod[] {
    const owned = new Set([...this.#places.values()].map(({ pod }) => pod?.uid));
    return this.#pods.filter(
      ({ uid, terminating }) => !terminating && !owned.has(uid) && !this.#count.isCondemned(uid),
    );
  }

  /** Tells all who wait for a pod. */
  #refuse(error: PlatformError): void {
    for (const place of [...this.#places.values()]) {
      if (place.pod !== null) continue;
      this.#places.delete(place.id);
      place.failed(error);
    }
  }
}

function calledOff(): PlatformError {
  return new PlatformError('start_failed', 'The start was called off');
}

function ignore(): void {
  // nobody waits
}
