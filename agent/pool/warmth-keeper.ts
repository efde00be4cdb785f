import type { AgentLog } from '../agent-log';
import { pingInstance } from '../instance/control-requests';
import type { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import type { Pools } from './pools';

/** How often it looks around. */
const LOOK_MS = 5_000;
const PING_TIMEOUT_MS = 5_000;
/** Whoever leases a parked instance gives it back, or uses it, within this. */
const CLAIM_MS = 2_000;

export interface WarmthKeeperOptions {
  readonly pools: Pools;
  readonly life: InstanceLife;
  readonly log: AgentLog;
  /** Milliseconds that an instance may be held frozen without being asked whether it is well. */
  readonly afterMs: number;
}

/**
 * Sees to it that what is paid for as warm is warm: instances that a target has held frozen for long are woken one after the
 * other, asked whether they are well, and frozen again; one that is not ends, so that its place goes to a new one.
 */
export class WarmthKeeper {
  readonly pings = { ok: 0, failed: 0 };
  readonly #options: WarmthKeeperOptions;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | null = null;
  #stopped = false;

  constructor(options: WarmthKeeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), Math.min(LOOK_MS, options.afterMs)).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#round;
  }

  #look(): void {
    this.#round ??= this.#pingAll().finally(() => (this.#round = null));
  }

  async #pingAll(): Promise<void> {
    const { pools, afterMs } = this.#options;
    for (const pool of pools.all()) {
      if (pool.retired || !pool.validTarget) continue;
      for (const instance of [...pool.instances]) {
        const since = Math.max(instance.idleSince, instance.pingedAt);
        const due = instance.state === 'frozen' && !instance.claim && Date.now() - since >= afterMs;
        if (due && !this.#stopped) await this.#ping(instance);
      }
    }
  }

  async #ping(instance: Instance): Promise<void> {
    const { pools, life, log } = this.#options;
    const { idleSince } = instance;
    instance.pingedAt = Date.now();
    try {
      await pools.claim(instance, CLAIM_MS);
    } catch {
      // It is in use, or has ended: either way somebody knows how it is.
      return;
    }
    try {
      await pingInstance(instance, PING_TIMEOUT_MS);
      this.pings.ok += 1;
      pools.unclaim(instance, idleSince);
    } catch (error) {
      this.pings.failed += 1;
      const { tenant, function: name } = instance.run;
      log.warn(
        { instanceId: instance.id, tenant, function: name, error: String(error) },
        'a held instance is not well',
      );
      await life.end(instance, 'crashed');
    }
  }
}
