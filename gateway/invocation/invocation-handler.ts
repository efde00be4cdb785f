import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AsyncDoor } from '../async/async-door';
import { prefersAsync } from '../async/prefers-async';
import type { UpgradeOffer } from '../front/upgrade-offer';
import { Invocation } from './invocation';
import type { InvocationContext } from './invocation-context';
import type { InvocationTarget } from './invocation-target';

/** Answers invocations on raw requests; nothing of the control API's machinery is in between. */
export class InvocationHandler {
  #inFlight = 0;
  #draining = false;

  constructor(
    private readonly context: InvocationContext,
    /** Takes what nobody waits for; without it `Prefer: respond-async` is a preference that is not met. */
    private readonly asyncDoor?: Pick<AsyncDoor, 'handle'>,
  ) {}

  /** Invocations that run or wait now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** From now on every answer asks its caller to connect anew, to another gateway. */
  drain(): void {
    this.#draining = true;
  }

  /**
   * @param expectsContinue the caller waits for `100 Continue` before it sends its body
   * @param upgrade the caller wants a WebSocket on this connection
   */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    target: InvocationTarget,
    expectsContinue: boolean,
    upgrade?: UpgradeOffer,
  ): void {
    this.#inFlight++;
    if (this.#draining) response.shouldKeepAlive = false;
    if (this.asyncDoor && !upgrade && prefersAsync(request)) {
      void this.asyncDoor.handle(request, response, target, expectsContinue).finally(() => this.#inFlight--);
      return;
    }
    const invocation = new Invocation(this.context, request, response, target, expectsContinue, { upgrade });
    invocation
      .run()
      .catch((error: unknown) => {
        this.context.log.error({ err: error, requestId: invocation.id }, 'An invocation broke the gateway’s own code');
        response.destroy();
      })
      .finally(() => {
        this.#inFlight--;
      });
  }
}
