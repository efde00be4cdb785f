import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

export interface ConnectionBounds {
  /** Connections at once, over all callers. */
  readonly max: number;
  /** Connections at once from one address; of IPv6 from one /64, which is one customer's. */
  readonly perAddress: number;
}

/** Requests of one connection that may be under way at once: who sends more ahead means harm. */
const MAX_AHEAD = 100;

/** Bounds what one caller can open: connections of an address, and requests sent ahead on one connection. */
export class ConnectionGuard {
  readonly #byAddress = new Map<string, number>();
  /** Answers under way. A connection that is to be heard no more has none at all. */
  readonly #underWay = new WeakMap<Socket, Set<ServerResponse>>();
  #refused = 0;

  constructor(
    server: Server,
    private readonly bounds: ConnectionBounds,
  ) {
    server.maxConnections = bounds.max;
    // Of TLS the sockets that requests come on are those of finished handshakes.
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', this.#opened);
    server.on('drop', () => this.#refused++);
  }

  /** Connections closed unheard so far, or for what they sent ahead. */
  get refused(): number {
    return this.#refused;
  }

  /** Counts a request until its answer is over. False: do nothing for it, its connection ends. */
  admits({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const underWay = this.#underWay.get(socket);
    // The parser goes on through what it has read already of a connection that was given up.
    if (!underWay || socket.destroyed) return false;
    if (underWay.size >= MAX_AHEAD) {
      this.#refused++;
      socket.destroy();
      return false;
    }
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    return true;
  }

  /** What still comes over the connection cannot be trusted to be requests. */
  condemn({ socket }: IncomingMessage): void {
    this.#underWay.delete(socket);
  }

  readonly #opened = (socket: Socket): void => {
    // Given back to the parser, it is no new one.
    if (this.#underWay.has(socket)) return;
    const address = addressGroup(socket.remoteAddress ?? '');
    const count = (this.#byAddress.get(address) ?? 0) + 1;
    if (count > this.bounds.perAddress) {
      this.#refused++;
      socket.destroy();
      return;
    }
    this.#byAddress.set(address, count);
    const underWay = new Set<ServerResponse>();
    this.#underWay.set(socket, underWay);
    socket.once('close', () => {
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
      for (const response of underWay) tellUnlessItsTurn(response);
    });
  };
}

/** Node tells only the answer whose turn it is that the caller has gone, not those to requests sent ahead. */
function tellUnlessItsTurn(response: ServerResponse): void {
  if (response.socket) return;
  response.destroy();
  response.emit('close');
}

/** IPv4 as it is, also where it comes in IPv6 clothes; of IPv6 the first four groups. */
export function addressGroup(address: string): string {
  if (address.startsWith('::ffff:')) return address.slice('::ffff:'.length);
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
}
