import { createHash } from 'node:crypto';
import { PlatformError } from '../../../core/error/platform-error';
import type { LogFile } from '../process/log-file';
import type { PidFiles } from '../process/pid-files';
import { isStopped, signal, type ProcessIdentity } from '../process/process-identity';
import { BackOff } from './back-off';
import { adoptChild, endProcess, startChild, type Child } from './child';
import type { Service } from './service';

const PROBE_MS = 40;
/** A process found stopped at two looks in a row, so far apart, is told to go on. */
const STOPPED_LOOK_MS = 1_000;
/** Deaths before the first readiness after which the start is given up, unless the service asks for patience. */
const EARLY_DEATHS = 3;

export interface SupervisedOptions {
  readonly pids: PidFiles;
  readonly log: LogFile;
  /** One sentence for the terminal. */
  readonly report: (line: string) => void;
  readonly backOff?: BackOff;
}

/** Keeps one service running from `start` to `stop`, whatever it dies of. */
export class SupervisedService {
  private child: Child | null = null;
  private stopping = false;
  private everReady = false;
  private wake: (() => void) | null = null;
  private loop: Promise<void> = Promise.resolve();
  private readonly backOff: BackOff;

  constructor(
    readonly service: Service,
    private readonly options: SupervisedOptions,
  ) {
    this.backOff = options.backOff ?? new BackOff();
  }

  get pid(): number | null {
    return this.child?.record.pid ?? null;
  }

  /**
   * Adopts the process that a killed supervisor left, if it runs the same thing, or starts one; resolves when it is ready
   * with whether it was adopted. @throws PlatformError unavailable with the last lines of its log
   */
  async start(): Promise<{ adopted: boolean }> {
    const adopted = await this.adoptOrEnd();
    const logged = this.options.log.size();
    const failure = new Promise<never>((_resolve, reject) => {
      this.loop = this.keepRunning(reject);
    });
    await Promise.race([failure, this.untilReady(logged)]);
    if (this.stopping) throw new PlatformError('unavailable', `${this.service.name} was ended while it started`);
    this.everReady = true;
    return { adopted };
  }

  /** Ends it and stops watching. Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake?.();
    const { stopSignal, stopTimeoutMs, name } = this.service;
    if (this.child) {
      const killed = await endProcess(this.child.record, stopSignal, stopTimeoutMs);
      if (killed) this.options.report(`${name} did not end within ${stopTimeoutMs / 1000} s and was killed`);
    }
    await this.loop;
    this.options.pids.remove(name);
  }

  private async adoptOrEnd(): Promise<boolean> {
    const { pids, report } = this.options;
    const left = pids.running(this.service.name);
    if (!left) return false;
    if (left.fingerprint === fingerprintOf(this.service)) {
      this.child = adoptChild(left);
      return true;
    }
    report(`${this.service.name} still runs with other settings (pid ${left.pid}): ending it`);
    await endProcess(left, this.service.stopSignal, this.service.stopTimeoutMs);
    pids.remove(this.service.name);
    return false;
  }

  private async keepRunning(giveUp: (error: PlatformError) => void): Promise<void> {
    const { pids, log, report } = this.options;
    const patientUntil = performance.now() + (this.service.patienceMs ?? 0);
    for (let deaths = 1; !this.stopping; deaths += 1) {
      const begun = performance.now();
      const logged = log.size();
      const ending = await this.liveOnce();
      this.child = null;
      pids.remove(this.service.name);
      if (this.stopping) return;
      if (!this.everReady && deaths >= EARLY_DEATHS && performance.now() >= patientUntil) {
        return giveUp(this.earlyDeath(ending, deaths, logged));
      }
      const wait = this.backOff.next(performance.now() - begun);
      report(`${this.service.name} ended with ${ending}; starting it again in ${wait} ms`);
      await this.pause(wait);
    }
  }

  private async liveOnce(): Promise<string> {
    try {
      this.child ??= startChild(this.service, this.options.log, fingerprintOf(this.service), new Date());
    } catch (error) {
      return (error as Error).message;
    }
    const { record, ended } = this.child;
    this.options.pids.write(record);
    const watch = this.keepGoing(record);
    return ended.finally(() => clearInterval(watch));
  }

  /** One that was stopped would hold everyone up who waits for it, and nothing would be told: it has not died. */
  private keepGoing(record: ProcessIdentity): NodeJS.Timeout {
    let stopped = false;
    return setInterval(() => {
      const seenBefore = stopped;
      stopped = isStopped(record);
      if (!stopped || !seenBefore || !signal(record, 'SIGCONT')) return;
      this.options.report(`${this.service.name} was stopped by a signal and goes on now`);
    }, STOPPED_LOOK_MS).unref();
  }

  private async untilReady(logged: number): Promise<void> {
    const { name, readyTimeoutMs } = this.service;
    const deadline = performance.now() + readyTimeoutMs;
    while (!this.stopping && !(await this.isReady())) {
      if (performance.now() > deadline) {
        throw this.failure(`${name} was not ready after ${Math.round(readyTimeoutMs / 1000)} s`, logged);
      }
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  }

  /** Also said in its record: an adopted process may have said long ago that it is ready. */
  private async isReady(): Promise<boolean> {
    const child = this.child;
    if (!child) return false;
    if (child.record.ready) return true;
    if (!(await this.service.probe(child.record.pid)) || child !== this.child) return false;
    this.options.pids.write({ ...child.record, ready: true });
    return true;
  }

  private earlyDeath(ending: string, deaths: number, logged: number): PlatformError {
    return this.failure(`${this.service.name} ended with ${ending} before it was ready, ${deaths} times`, logged);
  }

  private failure(what: string, logged: number): PlatformError {
    const lines = this.options.log.lastLines(8, logged).map((line) => `\n    ${line}`);
    const said = lines.length > 0 ? `. Its last lines:${lines.join('')}` : '';
    return new PlatformError('unavailable', `${what}${said}`, { hint: `All of its log: ${this.options.log.file}` });
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** What is run and with which settings: a process with another fingerprint is not adopted. */
export function fingerprintOf({ command, args, env }: Service): string {
  const settings = Object.entries(env).filter(([name]) => name.startsWith('PRESAGE'));
  return createHash('sha256')
    .update(JSON.stringify([command, args, settings.sort()]))
    .digest('hex');
}
