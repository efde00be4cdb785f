import { Agent, request as httpRequest } from 'node:http';

/** Somebody who behaves goes on calling all the while: every call must be answered, and at least two must have been. */
export async function whileOthersAreServed<T>(port: number, attack: () => Promise<T>): Promise<T> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const call = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/fn/acme/f/good', agent };
      const request = httpRequest(options, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      request.setTimeout(5_000, () => request.destroy(new Error('not answered')));
      request.on('error', reject).end();
    });
  const statuses = new Set([await call()]);
  let over = false;
  const good = (async () => {
    do {
      statuses.add(await call());
      await new Promise((resolve) => setTimeout(resolve, 5));
    } while (!over);
  })();
  try {
    return await attack();
  } finally {
    over = true;
    await good;
    agent.destroy();
    expect([...statuses]).toEqual([200]);
  }
}
