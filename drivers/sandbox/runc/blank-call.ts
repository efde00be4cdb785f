import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../core/error/platform-error';

const BOOT_DEADLINE_MS = 10_000;
const PAUSE_MS = 5;
const CALL_TIMEOUT_MS = 5_000;
/** Each call makes the code warmer that will serve the function's first request. */
const REHEARSALS = 3;

/** Waits until the shim behind the socket answers. @throws PlatformError start_failed after 10 s, or as soon as it has ended */
export async function awaitBlank(socketPath: string, alive: () => boolean): Promise<void> {
  const deadline = Date.now() + BOOT_DEADLINE_MS;
  for (let answers = 0; answers < REHEARSALS;) {
    try {
      await call(socketPath, 'GET', '/_presage/health');
      answers += 1;
    } catch (error) {
      if (Date.now() > deadline || !alive()) {
        throw new PlatformError('start_failed', 'A blank runtime does not answer', { cause: error });
      }
      await delay(PAUSE_MS);
    }
  }
}

/** Tells a blank what it is from now on; it then loads its handler and listens. @throws PlatformError start_failed */
export async function instructBlank(socketPath: string, environment: Readonly<Record<string, string>>): Promise<void> {
  try {
    await call(socketPath, 'POST', '/_presage/become', JSON.stringify({ environment }));
  } catch (error) {
    throw new PlatformError('start_failed', 'A blank runtime did not take its instructions', { cause: error });
  }
}

function call(socketPath: string, method: string, path: string, body = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', connection: 'close', 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request({ socketPath, method, path, agent: false, headers, timeout: CALL_TIMEOUT_MS });
    outgoing.once('error', reject);
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${CALL_TIMEOUT_MS} ms`)));
    outgoing.once('response', (incoming) => {
      incoming.resume();
      incoming.once('error', reject);
      if (incoming.statusCode === 200) resolve();
      else reject(new Error(`${method} ${path} was answered with ${incoming.statusCode}`));
    });
    outgoing.end(body);
  });
}
