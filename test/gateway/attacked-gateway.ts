import { startHarness, type Harness, type HarnessOptions } from './gateway-harness';
import { rawClient, type RawClient } from './raw-client';

/** The head of a request to /fn/acme/f/bad, without its end; every other path is a well-behaved caller's. */
export const POST = 'POST /fn/acme/f/bad HTTP/1.1\r\nHost: a\r\n';
export const GET = 'GET /fn/acme/f/bad HTTP/1.1\r\n';

/** A gateway whose function tells what has reached it, for tests that send raw bytes. */
export class AttackedGateway {
  #harness: Harness | undefined;
  readonly #clients: RawClient[] = [];
  /** Requests that reached the function, by path. */
  reached: string[] = [];

  get harness(): Harness {
    if (!this.#harness) throw new Error('it is not started');
    return this.#harness;
  }

  /** What reached the function and should not have. */
  get bad(): string[] {
    return this.reached.filter((path) => path !== '/good');
  }

  async start(options: HarnessOptions = {}, spec: Record<string, unknown> = {}): Promise<void> {
    this.reached = [];
    const harness = (this.#harness = await startHarness({ concurrency: 100, ...spec }, options));
    harness.agent.handler = (request, response) => {
      this.reached.push(request.url ?? '');
      request.resume().on('end', () => response.end('ok'));
    };
  }

  async client(): Promise<RawClient> {
    const made = await rawClient(this.harness.port);
    this.#clients.push(made);
    return made;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.socket.destroy();
    await this.harness.close();
  }
}
