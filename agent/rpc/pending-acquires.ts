import { PlatformError } from '../../core/error/platform-error';
import type { AcquireReply, AcquireRequest, GatewayMessage } from './agent-messages';
import { errorOfFailureJson } from './status-error';
import { fromWireAcquired, type WireAcquired } from './wire-form';

/** Waits for one instance. */
interface Pending {
  readonly request: AcquireRequest;
  /** Monotonic milliseconds. */
  readonly deadlineAt: number;
  readonly granted: (reply: AcquireReply) => void;
  readonly failed: (error: PlatformError) => void;
  /** On the stream that is open now. */
  sent: boolean;
}

/** The agent answers at its deadline; this much later the Acquire is given up. */
const ANSWER_MARGIN_MS = 2_000;

/**
 * The Acquires of one gateway that an agent has not answered yet. They outlive the stream: an agent that dies with one in
 * its queue answers nothing, so its successor is asked for the rest of the time.
 */
export class PendingAcquires {
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #open = false;

  constructor(private readonly send: (message: GatewayMessage) => void) {}

  /**
   * @param accept called in the turn in which the grant arrives, so that what follows on the stream finds its result
   * @throws PlatformError whatever the agent answers; unavailable when it does not, or when the signal aborts
   */
  acquire<T>(request: AcquireRequest, accept: (reply: AcquireReply) => T, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = (this.#calls = (this.#calls + 1) >>> 0);
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', callOff);
        this.#pending.delete(call);
      };
      const pending: Pending = {
        request,
        deadlineAt: performance.now() + request.deadlineMs,
        sent: false,
        granted: (reply) => {
          settle();
          resolve(accept(reply));
        },
        failed: (error) => {
          settle();
          reject(error);
        },
      };
      const giveUp = (why: string): void => {
        if (pending.sent) this.send({ callOff: { call } });
        pending.failed(new PlatformError('unavailable', why, { retryAfterSeconds: 1 }));
      };
      const callOff = (): void => giveUp('The instance is not wanted any more');
      const timer = setTimeout(
        () => giveUp(`The agent ${this.#open ? 'did not answer in time' : 'cannot be reached'} (Acquire)`),
        request.deadlineMs + ANSWER_MARGIN_MS,
      );
      if (signal?.aborted) {
        callOff();
        return;
      }
      signal?.addEventListener('abort', callOff, { once: true });
      this.#pending.set(call, pending);
      if (this.#open) this.#ask(call, pending);
    });
  }

  /** A stream is open: asks for all that wait. */
  opened(): void {
    this.#open = true;
    for (const [call, pending] of this.#pending) this.#ask(call, pending);
  }

  /** The stream broke, and with it every answer that was on its way. */
  broke(): void {
    this.#open = false;
    for (const pending of this.#pending.values()) pending.sent = false;
  }

  granted(wire: WireAcquired): void {
    const pending = this.#pending.get(wire.call);
    if (pending) pending.granted(fromWireAcquired(wire));
    // It was called off while the grant was on its way.
    else this.send({ release: { instanceId: wire.instanceId, idleMs: 0, served: 0, parked: false } });
  }

  refused(call: number, failure: string): void {
    this.#pending.get(call)?.failed(errorOfFailureJson(failure));
  }

  /** Fails all that wait. */
  close(): void {
    for (const pending of [...this.#pending.values()]) {
      pending.failed(new PlatformError('unavailable', 'The gateway is stopping', { retryAfterSeconds: 1 }));
    }
  }

  #ask(call: number, pending: Pending): void {
    if (pending.sent) return;
    pending.sent = true;
    const deadlineMs = Math.max(1, pending.deadlineAt - performance.now());
    this.send({ acquire: { ...pending.request, deadlineMs, call } });
  }
}
