import type { PlatformError } from '../../core/error/platform-error';
import type {
  AgentMessage,
  CheckpointDueMessage,
  GatewayMessage,
  InstanceNotice,
  ReleaseMessage,
  WelcomeMessage,
} from './agent-messages';

/** What a gateway does with the agent's messages. All are called from the event loop and must not throw. */
export interface EndpointListener {
  /** The leases held now; asked at each Hello, which repeats so that a lost lease is noticed by the agent. */
  heldInstanceIds(): readonly string[];
  welcome(message: WelcomeMessage): void;
  /** Stop using it, finish what is in flight, then `withdrawn(id)`; at once for an id that is not held. */
  withdraw(message: InstanceNotice): void;
  gone(message: InstanceNotice): void;
  checkpointDue(message: CheckpointDueMessage): void;
  /** The stream broke; it is opened again by itself. Leases stay valid for the agent's lease grace. */
  disconnected?(error: PlatformError | null): void;
}

/** Messages sent while the stream is down are not kept: the next Hello says what is still held. */
export interface EndpointStream {
  readonly connected: boolean;
  release(message: ReleaseMessage): void;
  withdrawn(instanceId: string): void;
  fault(instanceId: string, reason: string): void;
  close(): void;
}

/** One connection, as the client makes it. */
export interface StreamConnection {
  write(message: GatewayMessage): void;
  cancel(): void;
  onMessage(handler: (message: AgentMessage) => void): void;
  onEnd(handler: (error: PlatformError | null) => void): void;
}

const HELLO_EVERY_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

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

  const hello = (): void => connection?.write({ hello: { gatewayId, instanceIds: listener.heldInstanceIds() } });
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
    } else if (message.withdraw) listener.withdraw(message.withdraw);
    else if (message.gone) listener.gone(message.gone);
    else if (message.checkpointDue) listener.checkpointDue(message.checkpointDue);
  };

  open();
  return {
    get connected() {
      return connected;
    },
    release: (release) => connection?.write({ release }),
    withdrawn: (instanceId) => connection?.write({ withdrawn: { instanceId } }),
    fault: (instanceId, reason) => connection?.write({ fault: { instanceId, reason } }),
    close: () => {
      closed = true;
      clearInterval(repeat);
      clearTimeout(reconnect);
      connection?.cancel();
      connection = undefined;
      connected = false;
    },
  };
}
