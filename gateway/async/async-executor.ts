import { nextStep } from '../../core/async/next-step';
import { isPlatformError, toPlatformError } from '../../core/error/platform-error';
import type { AsyncClaim, AsyncQueue, AsyncWork, TryReport } from '../../drivers/async-queue/async-queue';
import type { RouteTable } from '../invocation/route-table';
import type { BodyKeeper } from './body-keeper';
import { FunctionSlots } from './function-slots';
import type { ReportSpool } from './report-spool';
import type { TryOutcome, TryRunner } from './try-runner';

export interface AsyncExecutorContext {
  readonly queue: Pick<AsyncQueue, 'work' | 'settle'>;
  readonly runner: Pick<TryRunner, 'run'>;
  readonly bodies: Pick<BodyKeeper, 'drop'>;
  readonly routes: Pick<RouteTable, 'resolve'>;
  readonly spool: ReportSpool;
  readonly gateway: string;
  /** Tries at once. */
  readonly slots: number;
  readonly log: { warn(fields: object, message: string): void };
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Ids of functions that there is no money for: what was accepted of them waits. Absent: of none. */
  readonly exhausted?: () => readonly string[];
  /** Told of each try that has ended. */
  readonly tried?: (report: TryReport) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Refusals of a report after which it is written without the answer. */
const PATIENCE = 3;

/** Makes the tries of accepted invocations in this gateway, and sees each one's end written down once. */
export class AsyncExecutor {
  readonly #slots: FunctionSlots;
  #work: AsyncWork | undefined;
  #started: Promise<void> | undefined;
  #stopping = false;

  constructor(private readonly context: AsyncExecutorContext) {
    this.#slots = new FunctionSlots(context.slots);
  }

  /**
   * Begins to take what is due, in the background: first the database must have what the process before this one had
   * left to say, or its tries would be made anew.
   */
  start(): void {
    this.#started = this.#start();
  }

  async #start(): Promise<void> {
    const { queue, spool, gateway, slots } = this.context;
    await Promise.all((await spool.left()).map((report) => this.#write(report)));
    if (this.#stopping) return;
    this.#work = queue.work({
      gateway,
      slots,
      full: () => [...this.#slots.full(), ...(this.context.exhausted?.() ?? [])],
      admit: (functionId) => this.#slots.admit(functionId),
      run: (claim, signal) => this.#run(claim, signal),
    });
  }

  /** Takes nothing more; what runs may end for `graceMs`, then it is broken off and tried anew by another gateway. */
  async stop(graceMs: number): Promise<void> {
    if (!this.#work) this.#stopping = true;
    await this.#started;
    const timer = setTimeout(() => (this.#stopping = true), graceMs + FIRST_PAUSE_MS);
    await this.#work?.stop(graceMs);
    clearTimeout(timer);
    this.#stopping = true;
  }

  async #run(claim: AsyncClaim, signal: AbortSignal): Promise<void> {
    this.#learn(claim);
    const began = performance.now();
    const outcome = await this.context.runner.run(claim, signal);
    const report = this.#reportOf(claim, outcome, Math.round(performance.now() - began));
    const ours = await this.#write(report);
    if (ours) this.context.tried?.(report);
  }

  #reportOf(claim: AsyncClaim, outcome: TryOutcome, ms: number): TryReport {
    const step = nextStep(outcome, {
      tries: claim.try,
      failures: claim.failures,
      policy: claim.policy,
      now: Date.now(),
      expiresAt: claim.expiresAt.getTime(),
      random: this.context.random(),
    });
    const { status, errorCode, error, answer } = outcome;
    // The platform's own problem documents are told as the error; only a function's answer is a result.
    const keep = answer !== null && errorCode === null && step.state !== 'waiting';
    if (answer && !keep) this.context.bodies.drop(answer.body).catch(() => undefined);
    return { id: claim.id, try: claim.try, step, ms, status, errorCode, error, result: keep ? answer : null };
  }

  /** Until the database has it: in memory, and from the first failure on also on disk. False when it came too late. */
  async #write(report: TryReport): Promise<boolean> {
    const { queue, spool, bodies, log } = this.context;
    let current = report;
    let spooled = false;
    for (let tries = 1, pauseMs = FIRST_PAUSE_MS; ; tries++, pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const ours = await queue.settle(current);
        if (!ours && report.result) await bodies.drop(report.result.body).catch(() => undefined);
        await spool.drop(report);
        return ours;
      } catch (error) {
        log.warn({ err: error, invocation: report.id, try: report.try }, 'The end of a try waits for the database');
        if (!spooled) spooled = await this.#spool(report);
        if (!toPlatformError(error).retryable && tries >= PATIENCE) current = withoutAnswer(report, error);
      }
      if (this.#stopping) return false;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #spool(report: TryReport): Promise<boolean> {
    try {
      await this.context.spool.keep(report);
      return true;
    } catch (error) {
      this.context.log.warn({ err: error, invocation: report.id }, 'The end of a try is kept in memory only');
      return false;
    }
  }

  #learn({ functionId, tenant, function: name, alias }: AsyncClaim): void {
    try {
      const route = this.context.routes.resolve({ tenant, function: name, alias }, 0);
      if (route) this.#slots.learn(functionId, route.concurrency * route.maxInstances);
    } catch (error) {
      // The try itself will say what is wrong with the route.
      if (!isPlatformError(error)) throw error;
    }
  }
}

function withoutAnswer(report: TryReport, error: unknown): TryReport {
  return { ...report, result: null, error: `the answer could not be kept: ${toPlatformError(error).message}` };
}
