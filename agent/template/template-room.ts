import { PlatformError } from '../../core/error/platform-error';
import type { RunSpec } from '../../core/function/run-spec';
import { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import { requestInstance } from '../instance/instance-request';
import type { Pools } from '../pool/pools';
import type { Journal } from '../record/journal';
import type { StartTemplateReply } from '../rpc/agent-messages';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { StartGate } from '../../core/agent/start-gate';

export interface TemplateRoomOptions {
  readonly life: InstanceLife;
  readonly memory: MemoryBudget;
  readonly coldGate: StartGate;
  readonly pools: Pools;
  readonly journal: Journal;
}

/** Keys that are remembered as given up. */
const MOST_GIVEN_UP = 1_000;
/** One that its deploy forgot joins the pool, where it ages like any other. */
const FORGOTTEN_MS = 10 * 60_000;

/** Instances kept aside from traffic for a deploy: started cold, warmed up, health-checked, then checkpointed. */
export class TemplateRoom {
  readonly #options: TemplateRoomOptions;
  readonly #byKey = new Map<string, Promise<StartTemplateReply>>();
  readonly #givenUp = new Set<string>();
  readonly #forgotten = new Map<Instance, NodeJS.Timeout>();

  constructor(options: TemplateRoomOptions) {
    this.#options = options;
  }

  /** A repeat with the same key shares the start, or gives the instance that it made. @throws PlatformError start_failed, capacity, conflict for a key that was given up … */
  async start(request: {
    key: string;
    run: RunSpec;
    warmUp: boolean;
    deadlineMs: number;
  }): Promise<StartTemplateReply> {
    const { key } = request;
    if (this.#givenUp.has(key)) throw new PlatformError('conflict', 'Who asked for this instance has given it up');
    const known = this.#byKey.get(key);
    if (known) {
      const reply = await known;
      if (this.#options.life.instances.get(reply.instanceId)?.ended === false) return reply;
    }
    const fresh = this.#start(request);
    this.#byKey.set(key, fresh);
    fresh.then(
      ({ instanceId }) =>
        void this.#options.life.instances.get(instanceId)?.whenGone.then(() => this.#forgetKey(key, fresh)),
      () => this.#forgetKey(key, fresh),
    );
    return fresh;
  }

  /** Ends what was started under the key, or is starting. Nothing is started under it from now on: a late repeat is refused. */
  async giveUp(key: string): Promise<void> {
    const [oldest] = this.#givenUp;
    if (this.#givenUp.size >= MOST_GIVEN_UP && oldest !== undefined) this.#givenUp.delete(oldest);
    this.#givenUp.add(key);
    const started = await this.#byKey.get(key)?.catch(() => undefined);
    if (started) await this.release(started.instanceId, false);
  }

  /** @param keep true: it serves traffic from now on; false: it ends. No error when it has ended. */
  async release(instanceId: string, keep: boolean): Promise<void> {
    const instance = this.#options.life.instances.get(instanceId);
    if (!instance || instance.role !== 'template') return;
    clearTimeout(this.#forgotten.get(instance));
    this.#forgotten.delete(instance);
    if (keep) this.#options.pools.join(instance);
    else await this.#options.life.end(instance, 'deploy');
  }

  async #start(request: { run: RunSpec; warmUp: boolean; deadlineMs: number }): Promise<StartTemplateReply> {
    const { run, warmUp, deadlineMs } = request;
    const { life, memory, coldGate, pools, journal } = this.#options;
    await pools.room.takeWithin(run, deadlineMs);
    await coldGate.enter();
    const instance = new Instance({ run, kind: 'cold', role: 'template' });
    let startMs: number;
    try {
      const { begun, ready } = await life.launch(instance, null);
      startMs = ready - begun;
    } catch (error) {
      memory.release(run.limits.memoryBytes);
      throw error;
    } finally {
      coldGate.leave();
    }
    instance.ownsMemory = true;
    journal.started(instance, startMs, true);
    try {
      const healthStatus = await this.#checkHealth(instance);
      const warmUpRequests = warmUp ? await this.#warmUp(instance) : 0;
      const timer = setTimeout(() => void this.release(instance.id, true), FORGOTTEN_MS).unref();
      this.#forgotten.set(instance, timer);
      return { instanceId: instance.id, startMs, warmUpRequests, healthStatus };
    } catch (error) {
      await life.end(instance, 'failed');
      throw error;
    }
  }

  async #checkHealth(instance: Instance): Promise<number> {
    const { healthPath } = instance.run;
    if (healthPath === null) return 0;
    const { status } = await this.#request(instance, { method: 'GET', path: healthPath, headers: {} });
    if (status >= 400) {
      throw new PlatformError(
        'start_failed',
        `The function answered its health check GET ${healthPath} with ${status}`,
      );
    }
    return status;
  }

  /** A function that cannot answer its own warm-up requests is not deployed. */
  async #warmUp(instance: Instance): Promise<number> {
    let sent = 0;
    for (const { times, ...request } of instance.run.checkpoint.warmUp) {
      for (let time = 0; time < times; time += 1) {
        const { status } = await this.#request(instance, request);
        sent += 1;
        if (status >= 500) {
          throw new PlatformError(
            'start_failed',
            `The function answered its warm-up request ${request.method} ${request.path} with ${status}`,
          );
        }
      }
    }
    return sent;
  }

  async #request(
    instance: Instance,
    request: { method: string; path: string; headers: Record<string, string>; body?: string | undefined },
  ): Promise<{ status: number }> {
    if (!instance.endpoint) throw new PlatformError('start_failed', 'The function has no endpoint');
    const { method, path, headers, body } = request;
    const { totalMs } = instance.run.timeouts;
    return requestInstance(instance.endpoint, {
      method,
      path,
      headers: {
        ...headers,
        'x-presage-instance': instance.id,
        'x-presage-invocation': `warm-up-${instance.id}`,
        'x-presage-deadline': String(Date.now() + totalMs),
      },
      timeoutMs: totalMs,
      ...(body === undefined ? {} : { body }),
    });
  }

  #forgetKey(key: string, start: Promise<StartTemplateReply>): void {
    if (this.#byKey.get(key) === start) this.#byKey.delete(key);
  }
}
