import type { RunSpec } from '../../core/function/run-spec';
import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import type { AgentLog } from '../agent-log';

type Runtime = RunSpec['runtime'];
const RUNTIMES: readonly Runtime[] = ['nodejs', 'python', 'http'];

/** The host's key for each runtime, known before the first start: the ladder must not wait for it. */
export class HostKeys {
  readonly #driver: SandboxDriver;
  readonly #capable: boolean;
  readonly #log: AgentLog;
  readonly #keys = new Map<Runtime, string>();

  /** @param capable false where the driver cannot checkpoint or restore */
  constructor(driver: SandboxDriver, capable: boolean, log: AgentLog) {
    this.#driver = driver;
    this.#capable = capable;
    this.#log = log;
  }

  async open(): Promise<void> {
    if (this.#capable) await Promise.all(RUNTIMES.map((runtime) => this.#learn(runtime)));
  }

  /** null where this host cannot checkpoint and restore the runtime. */
  get(runtime: Runtime): string | null {
    return this.#keys.get(runtime) ?? null;
  }

  all(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#keys);
  }

  async #learn(runtime: Runtime): Promise<void> {
    try {
      this.#keys.set(runtime, await this.#driver.hostKey(runtime));
    } catch (error) {
      this.#log.warn({ runtime, error: String(error) }, 'no checkpoints of this runtime on this host');
    }
  }
}
