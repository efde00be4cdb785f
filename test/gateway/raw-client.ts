import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection of bytes: what it says is up to the test. */
export interface RawClient {
  readonly socket: Socket;
  /** All that has come so far, as latin-1. */
  readonly heard: () => string;
  send(text: string): void;
  /** Waits until what has come holds `text`. @throws Error with what came instead when the connection ends before */
  hears(text: string): Promise<void>;
  /** Waits for the end of the connection; resolves with all that came. */
  ended(): Promise<string>;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let heard = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (heard += chunk));
  // A connection that is cut ends, in one way or the other.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const over = new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  });
  let isOver = false;
  void over.then(() => (isOver = true));
  return {
    socket,
    heard: () => heard,
    send: (text) => void socket.write(text, 'latin1'),
    hears: async (text) => {
      while (!heard.includes(text)) {
        if (isOver) throw new Error(`the connection ended with ${JSON.stringify(heard)}`);
        await Promise.race([once(socket, 'data'), over]);
      }
    },
    ended: async () => {
      await over;
      socket.destroy();
      return heard;
    },
  };
}

/** The request with which a WebSocket begins. */
export function webSocketRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '\r\n',
  ].join('\r\n');
}
