import type { RemovalReason } from '../../core/agent/instance-state';
import { PlatformError } from '../../core/error/platform-error';
import { describeExit } from '../../core/start/describe-exit';
import type { StartMoments } from '../../core/start/start-phases';
import type {
  FoundSandbox,
  RunningSandbox,
  SandboxDriver,
  SandboxListener,
  SandboxLogLine,
} from '../../drivers/sandbox/sandbox';
import type { AgentLog } from '../agent-log';
import type { CodeStore } from '../code/code-store';
import type { Journal } from '../record/journal';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import { Instance } from './instance';
import { sandboxSpecOf } from '../code/sandbox-spec';
import { awaitReady } from './readiness';
import { asStartFailure, withLastLines } from './start-failure';

export interface InstanceLifeOptions {
  readonly driver: SandboxDriver;
  readonly code: Pick<CodeStore, 'dir' | 'imageConfig'>;
  readonly memory: MemoryBudget;
  readonly journal: Journal;
  readonly log: AgentLog;
  /** Told of every new state of an instance. */
  readonly changed: (instance: Instance) => void;
}

/** What an instance is made from; null: from nothing but its code. */
export type StartOrigin = { readonly imageDir: string } | { readonly blankId: string } | null;

const DESTROY_PAUSE_MS = 50;
const LONGEST_DESTROY_PAUSE_MS = 10_000;
const LAST_LINES_MS = 50;
const NOTICE_MS = 1_000;
/** One that was starting when its agent died may still come up. */
const ADOPTED_MS = 5_000;

/**
 * Carries instances through their states by means of the driver. It holds no policy; who may use an instance, and when
 * it freezes or ends, is decided by its callers.
 */
export class InstanceLife implements SandboxListener {
  /** All that exist, whatever their role. */
  readonly instances = new Map<string, Instance>();
  readonly #options: InstanceLifeOptions;
  /** Of instances that do not listen yet. */
  readonly #exits = new Map<string, AbortController>();
  readonly #endings = new Map<string, Promise<void>>();
  #closed = false;
  /** Told as soon as an instance is not to be used any more, before it is destroyed. */
  onEnding: (instance: Instance, reason: RemovalReason) => void = () => undefined;

  constructor(options: InstanceLifeOptions) {
    this.#options = options;
  }

  exited(id: string, how: { code: number | null; signal: string | null; outOfMemory: boolean }): void {
    const instance = this.instances.get(id);
    if (!instance) return;
    // Told also of one that is being ended: the broken answer may have reached us before the driver saw why.
    if (how.outOfMemory) this.#options.journal.platformLine(instance, 'ended: it used more memory than its limit');
    if (instance.ended) return;
    const start = this.#exits.get(id);
    if (start) {
      start.abort(new PlatformError('start_failed', `The function ${describeExit(how)} before it listened`));
      return;
    }
    this.#options.log.warn({ instanceId: id, function: instance.run.function, ...how }, 'an instance ended by itself');
    void this.end(instance, 'crashed');
  }

  logged(line: SandboxLogLine): void {
    const instance = this.instances.get(line.instanceId);
    if (!instance) return;
    if (instance.state === 'starting') instance.note(line.text);
    this.#options.journal.logged(instance, line);
  }

  /**
   * Makes the sandbox, from a raw image, a blank or cold, and waits until it listens; its state is then `idle`. On failure nothing
   * of it is left. The caller has committed the memory and keeps it on failure. @throws PlatformError
   */
  async launch(instance: Instance, origin: StartOrigin): Promise<StartMoments> {
    const { driver, journal, log } = this.#options;
    const { id, run } = instance;
    if (this.#closed) throw closedError();
    const exit = new AbortController();
    this.instances.set(id, instance);
    instance.onState = this.#options.changed;
    this.#exits.set(id, exit);
    const { startMs } = run.timeouts;
    const late = new PlatformError('start_timeout', `The function did not listen within ${startMs} ms of its start`);
    const timer = setTimeout(() => exit.abort(late), startMs);
    const begun = performance.now();
    try {
      const sandbox = await settledBy(exit.signal, this.#makeSandbox(instance, origin));
      const running = performance.now();
      instance.pid = sandbox.pid;
      const [only, ...others] = sandbox.endpoints;
      const isClone = origin !== null && 'imageDir' in origin;
      // A clone listens as its template did; which of several endpoints it was is not known.
      instance.endpoint =
        sandbox.ready || (isClone && others.length === 0)
          ? (only ?? null)
          : await awaitReady({
              endpoints: sandbox.endpoints,
              healthPath: !isClone && run.runtime === 'http' ? run.healthPath : null,
              timeoutMs: startMs,
              signal: exit.signal,
            });
      exit.signal.throwIfAborted();
      instance.state = 'idle';
      instance.idleSince = Date.now();
      return { begun, running, ready: performance.now() };
    } catch (error) {
      // That the process ended says more than what the driver then missed.
      const died = exit.signal.aborted;
      const cause: unknown = died ? exit.signal.reason : error;
      await driver.destroy(id).catch(() => void this.#destroy(instance));
      if (died && instance.tail.length === 0) await new Promise((done) => setTimeout(done, LAST_LINES_MS));
      instance.becomeGone();
      this.instances.delete(id);
      const failure = withLastLines(asStartFailure(cause, instance.kind), instance.tail);
      journal.startFailed(instance, failure, instance.tail);
      log.warn(
        { instanceId: id, function: run.function, kind: instance.kind, code: failure.code, error: failure.message },
        'a start failed',
      );
      throw failure;
    } finally {
      clearTimeout(timer);
      this.#exits.delete(id);
    }
  }

  async #makeSandbox({ id, run }: Instance, origin: StartOrigin): Promise<RunningSandbox> {
    const { driver, code } = this.#options;
    const spec = await sandboxSpecOf(code, id, run);
    if (origin && 'imageDir' in origin) return driver.restore(spec, origin.imageDir);
    if (origin) return driver.specialise(origin.blankId, spec);
    await driver.create(spec);
    return driver.start(id);
  }

  /** Ends all that exist, starts under way included, and starts nothing any more. */
  async endAll(reason: RemovalReason): Promise<void> {
    this.#closed = true;
    for (const start of this.#exits.values()) start.abort(closedError());
    await Promise.all(
      [...this.instances.values()].map((instance) =>
        instance.state === 'starting' && this.#exits.has(instance.id) ? instance.whenGone : this.end(instance, reason),
      ),
    );
  }

  /** A sandbox that an earlier agent left: frozen, or leased until a gateway or the lease grace says otherwise. */
  adopt(found: FoundSandbox): Instance {
    const { memory, log, changed } = this.#options;
    const instance = new Instance({ id: found.id, run: found.run, kind: 'cold', role: 'pool' });
    instance.pid = found.pid;
    instance.endpoint = found.endpoints[0] ?? null;
    instance.onState = changed;
    instance.ownsMemory = true;
    memory.commit(instance.memoryBytes);
    this.instances.set(instance.id, instance);
    instance.state = found.frozen ? 'frozen' : 'leased';
    instance.asleep = found.frozen;
    if (!found.frozen) instance.lease = { gatewayId: null, since: Date.now() };
    if (found.ready) return instance;
    const { signal } = new AbortController();
    void awaitReady({ endpoints: found.endpoints, healthPath: null, timeoutMs: ADOPTED_MS, signal }).then(
      (endpoint) => (instance.endpoint = endpoint),
      (error: unknown) => {
        log.warn({ instanceId: instance.id, error: String(error) }, 'an instance of an earlier agent does not listen');
        return this.end(instance, 'failed');
      },
    );
    return instance;
  }

  /** idle → frozen. False, and the instance ends, when it cannot be. */
  freeze(instance: Instance): Promise<boolean> {
    instance.state = 'freezing';
    return (instance.step = this.#step(instance, 'frozen', () => this.#options.driver.pause(instance.id)));
  }

  /** frozen → idle, or leased to who has its lease by then. False, and the instance ends, when it cannot be. */
  thaw(instance: Instance): Promise<boolean> {
    instance.state = 'starting';
    instance.asleep = false;
    return (instance.step = this.#step(instance, 'running', () => this.#options.driver.resume(instance.id)));
  }

  /** Ends it, whatever it does; resolves when nothing of it is left and its memory is free. Repeats share the work. */
  end(instance: Instance, reason: RemovalReason): Promise<void> {
    const { id } = instance;
    const under = this.#endings.get(id);
    if (under) return under;
    if (instance.state === 'gone') return Promise.resolve();
    instance.state = 'stopping';
    instance.claim?.refused(reason);
    instance.claim = null;
    this.onEnding(instance, reason);
    const ending = this.#destroy(instance).then(() => {
      instance.becomeGone();
      this.instances.delete(id);
      this.#endings.delete(id);
      instance.unpin?.();
      instance.unpin = null;
      this.#options.journal.ended(instance, reason);
      if (instance.ownsMemory) this.#options.memory.release(instance.memoryBytes);
    });
    this.#endings.set(id, ending);
    return ending;
  }

  async #step(instance: Instance, state: 'frozen' | 'running', act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
    } catch (error) {
      const { log } = this.#options;
      log.warn({ instanceId: instance.id, error: String(error) }, `an instance could not become ${state}`);
      if (!instance.ended) void this.end(instance, 'failed');
      return false;
    }
    if (instance.ended) return false;
    instance.asleep = state === 'frozen';
    instance.state = state === 'frozen' ? 'frozen' : instance.lease ? 'leased' : 'idle';
    this.#options.journal.changed(instance);
    return true;
  }

  /** Repeats until the driver has done it: an instance that cannot be destroyed still uses its memory. */
  async #destroy(instance: Instance): Promise<void> {
    for (let pauseMs = DESTROY_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_DESTROY_PAUSE_MS)) {
      try {
        await this.#options.driver.destroy(instance.id);
        return;
      } catch (error) {
        this.#options.log.error(
          { instanceId: instance.id, error: String(error) },
          'an instance cannot be destroyed; trying again',
        );
        await new Promise<void>((resolve) => void setTimeout(resolve, pauseMs).unref());
      }
    }
  }
}

/**
 * The work's outcome, or the signal's reason. A driver that is told of an end notices it as well: it has a moment to put
 * its own things in order before the sandbox is cleared away under it.
 */
async function settledBy<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let aborted: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    aborted = () => {
      timer = setTimeout(() => reject(signal.reason as Error), NOTICE_MS);
    };
    signal.addEventListener('abort', aborted, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  }
}

function closedError(): PlatformError {
  return new PlatformError('draining', 'The agent stops', { retryAfterSeconds: 5 });
}
