import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A connection that its caller wants to use for another protocol. The HTTP server lets go of it as soon as it reads the
 * wish; until that is granted the answer is an ordinary one all the same, and the last on the connection.
 */
export class UpgradeOffer {
  readonly response: ServerResponse;

  constructor(
    request: IncomingMessage,
    private readonly socket: Socket,
    /** What has come over the connection after the request. */
    private readonly head: Buffer,
  ) {
    const response = (this.response = new ServerResponse(request));
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    // Its close follows, which is what everybody listens to.
    socket.on('error', ignore);
    socket.on('drain', this.#onDrain);
    // Who hangs up while it waits is noticed only by reading; what it sends ahead stays for whoever gets the connection.
    socket.on('readable', ignore);
    socket.on('end', this.#onEnd);
    response.once('finish', this.#onFinish);
  }

  /** Grants the wish: the connection, with nothing of HTTP left on it. */
  take(): Socket {
    const { response, socket, head } = this;
    response.off('finish', this.#onFinish);
    response.detachSocket(socket);
    socket.off('drain', this.#onDrain);
    socket.off('readable', ignore);
    socket.off('end', this.#onEnd);
    if (head.length > 0) socket.unshift(head);
    return socket;
  }

  readonly #onDrain = (): void => void this.response.emit('drain');
  readonly #onEnd = (): void => void this.socket.destroy();
  readonly #onFinish = (): void => {
    this.response.detachSocket(this.socket);
    this.socket.end();
  };
}

/** Is the wish one for a WebSocket, as RFC 6455 §4.1 has it? */
export function wishesWebSocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

function ignore(): void {
  // Being there is enough.
}
