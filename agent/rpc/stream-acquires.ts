import type { AcquireReply, AcquireRequest, AgentMessage, GatewayMessage } from './agent-messages';
import { toWireAcquired } from './wire-form';

/** What answers an Acquire. */
export interface Acquirer {
  acquire(gatewayId: string, request: AcquireRequest, signal: AbortSignal): Promise<AcquireReply>;
  /** The gateway did not get the grant: the lease never began. */
  undelivered(gatewayId: string, instanceId: string): void;
}

/** The Acquires of one gateway's stream, from the agent's side: each is answered on the stream or dies with it. */
export class StreamAcquires {
  readonly #calls = new Map<number, AbortController>();
  #closed = false;

  constructor(
    private readonly agent: Acquirer,
    private readonly send: (message: AgentMessage) => void,
    /** Any failure as the text that Refused carries. */
    private readonly failureJson: (error: unknown) => string,
  ) {}

  receive(gatewayId: string, { call, ...request }: NonNullable<GatewayMessage['acquire']>): void {
    const calledOff = new AbortController();
    this.#calls.set(call, calledOff);
    void this.agent
      .acquire(gatewayId, request, calledOff.signal)
      .then(
        (reply) => {
          if (this.#closed) this.agent.undelivered(gatewayId, reply.instanceId);
          else this.send({ acquired: toWireAcquired(call, reply) });
        },
        (error: unknown) => {
          const failureJson = this.failureJson(error);
          if (!this.#closed && !calledOff.signal.aborted) this.send({ refused: { call, failureJson } });
        },
      )
      .finally(() => this.#calls.delete(call));
  }

  callOff(call: number): void {
    this.#calls.get(call)?.abort();
  }

  /** The stream has ended: nobody waits any more. */
  close(): void {
    this.#closed = true;
    for (const call of this.#calls.values()) call.abort();
  }
}
