import { rawClient, webSocketRequest, type RawClient } from '../gateway/raw-client';
import { until, type TestPlatform } from './support/test-platform';

const SWITCH = 'HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n';

/** On a platform with the sandbox that the machine has. */
export function describeWebSockets(world: () => TestPlatform): void {
  describe('WebSockets', () => {
    const clients: RawClient[] = [];
    afterAll(() => clients.forEach((client) => client.socket.destroy()));

    async function open(name: string): Promise<RawClient> {
      const client = await rawClient(Number(new URL(world().url).port));
      clients.push(client);
      client.send(webSocketRequest(`/fn/default/${name}`, [`x-api-key: ${world().apiKey}`]));
      await client.hears('101 Switching Protocols');
      return client;
    }

    test('a clone takes them by its export upgrade; each has an instance of its own; their end is recorded', async () => {
      const code = `
    let restored = false;
    exports.handler = () => 'plain';
    exports.afterRestore = () => { restored = true; };
    exports.upgrade = (req, socket) => {
      socket.write('${SWITCH}');
      socket.write(restored ? 'from a clone;' : 'from a template;');
      socket.on('data', (piece) => socket.write('echo ' + piece + ';'));
    };`;
      await world().deploy('chat', { checkpoint: { warmUp: [{ path: '/' }] } }, { 'index.js': code });
      const [one, two] = [await open('chat'), await open('chat')];
      for (const [client, text] of [
        [one, 'first'],
        [two, 'second'],
      ] as const) {
        client.send(text);
        await client.hears(`echo ${text};`);
      }
      const instances = [one, two].map((client) => /x-presage-start: (\w+)/.exec(client.heard())?.[1]);
      // One may have been the template; the other had to be started.
      expect(instances.filter((kind) => kind !== 'hot' && kind !== 'warm').length).toBeGreaterThan(0);
      const id = /x-request-id: (\S+)/.exec(two.heard())?.[1] ?? '';
      for (const client of [one, two]) client.socket.end();
      await until('the record', async () => {
        const found = await world().probe.send(`/v1/invocations/${id}`);
        return found.status === 200 && (JSON.parse(found.body) as { status: number }).status === 101;
      });
      expect((await world().invoke('chat')).body).toBe('plain');
    });

    test('any HTTP server gets them as they come', async () => {
      const code = `
    const server = require('node:http').createServer((req, res) => res.end('plain'));
    server.on('upgrade', (req, socket) => {
      socket.write('${SWITCH}');
      socket.on('end', () => socket.end());
      socket.on('data', (piece) => socket.write('echo ' + piece + ';'));
    });
    server.listen(process.env.PRESAGE_SOCKET ?? process.env.PORT);`;
      const spec = { runtime: 'http', handler: undefined, command: ['node', 'server.js'] } as const;
      await world().deploy('upgrades', spec as object, { 'server.js': code });
      const client = await open('upgrades');
      client.send('hello');
      await client.hears('echo hello;');
      client.socket.end();
      await client.ended();
    });
  });
}
