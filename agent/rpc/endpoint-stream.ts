import type { PlatformError } from '../../core/error/platform-error';
import type {
  AcquireReply,
  AcquireRequest,
  AgentMessage,
  CheckpointDueMessage,
  GatewayMessage,
  GoneMessage,
  InstanceNotice,
  ReleaseMessage,
  WelcomeMessage,
} from './agent-messages';
import { thisMachine } from './machine';
import { PendingAcquires } from './pending-acquires';

/** What a gateway does with the agent's messages. All are called from the event loop and must not throw. */
export interface EndpointListener {
  /** The leases held now; asked at each Hello, which repeats so that a lost lease is noticed by the agent. */
  heldInstanceIds(): readonly string[];
  /** Those that are parked, or being woken. */
  parkedIds(): readonly string[];
  welcome(message: WelcomeMessage): void;
  /** Stop using it, finish what is in flight, then `withdrawn(id)`; nothing for an id that is not held. */
  withdraw(message: InstanceNotice): void;
  gone(message: GoneMessage): void;
  /** A parked one reads nothing any more before it is woken. */
  asleep(instanceId: string): void;
  checkpointDue(message: CheckpointDueMessage): void;
  /** The stream broke; it is opened again by itself. Leases stay valid for the agent's lease grace. */
  disconnected?(error: PlatformError | null): void;
}

/** Messages sent while the stream is down are not kept, save Acquire: the next Hello says what is still held. */
export interface EndpointStream {
  readonly connected: boolean;
  /**
   * Waits for an agent that restarts, until the request's deadline.
   * @param accept makes something of the grant in the very turn in which it arrives: a Withdraw may be right behind it
   * @throws PlatformError whatever the agent answers; unavailable when it is away until the deadline
   */
  acquire<T>(request: AcquireRequest, accept: (reply: AcquireReply) => T, signal?: AbortSignal): Promise<T>;
  release(message: ReleaseMessage): void;
  withdrawn(instanceId: string): void;
  fault(instanceId: string, reason: string): void;
  close(): void;
}

/** One connection, as the client makes it. */
export interface StreamConnection {
  write(message: GatewayMessage): void;
  /** Sends what was written, then no more. */
  end(): void;
  onMessage(handler: (message: AgentMessage) => void): void;
  onEnd(handler: (error: PlatformError | null) => void): void;
}

const HELLO_EVERY_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 250;

/** Keeps one stream to an agent open: Hello at each start and each ten seconds, reconnect with back-off. */
export function openEndpointStream(options: {
  gatewayId: string;
  listener: EndpointListener;
  connect: () => StreamConnection;
}): EndpointStream {
  const { gatewayId, listener, connect } = options;
  let connection: StreamConnection | undefined;
  let connected = false;
  let closed = false;
  let pauseMs = FIRST_PAUSE_MS;
  let reconnect: NodeJS.Timeout | undefined;

  const acquires = new PendingAcquires((message) => connection?.write(message));
  const hello = (): void => {
    const held = { instanceIds: listener.heldInstanceIds(), parkedIds: listener.parkedIds() };
    connection?.write({ hello: { gatewayId, machine: thisMachine(), ...held } });
  };
  const repeat = setInterval(() => connected && hello(), HELLO_EVERY_MS);
  repeat.unref();

  const open = (): void => {
    const mine = connect();
    connection = mine;
    mine.onMessage((message) => {
      if (connection === mine) receive(message);
    });
    mine.onEnd((error) => {
      if (connection !== mine) return;
      connection = undefined;
      connected = false;
      acquires.broke();
      if (closed) return;
      listener.disconnected?.(error);
      reconnect = setTimeout(open, pauseMs);
      reconnect.unref();
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    });
    hello();
  };

  const receive = (message: AgentMessage): void => {
    if (message.welcome) {
      connected = true;
      pauseMs = FIRST_PAUSE_MS;
      listener.welcome(message.welcome);
      acquires.opened();
    } else if (message.acquired) acquires.granted(message.acquired);
    else if (message.refused) acquires.refused(message.refused.call, message.refused.failureJson);
    else if (message.withdraw) listener.withdraw(message.withdraw);
    else if (message.gone) listener.gone(message.gone);
    else if (message.asleep) listener.asleep(message.asleep.instanceId);
    else if (message.checkpointDue) listener.checkpointDue(message.checkpointDue);
  };

  open();
  return {
    get connected() {
      return connected;
    },
    acquire: (request, accept, signal) => acquires.acquire(request, accept, signal),
    release: (release) => connection?.write({ release }),
    withdrawn: (instanceId) => connection?.write({ withdrawn: { instanceId } }),
    fault: (instanceId, reason) => connection?.write({ fault: { instanceId, reason } }),
    close: () => {
      closed = true;
      clearInterval(repeat);
      clearTimeout(reconnect);
      acquires.close();
      connection?.end();
      connection = undefined;
      connected = false;
    },
  };
}
