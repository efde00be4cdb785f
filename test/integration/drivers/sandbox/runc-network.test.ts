import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { spawn, type ChildProcess } from 'node:child_process';
import type { RunningSandbox } from '../../../../drivers/sandbox/sandbox';
import { DOOR_URL } from '../../../../drivers/sandbox/runc/network/gateway-door';
import { findProgram } from '../../../../drivers/sandbox/runc/setup/ensure-packages';
import { runTool } from '../../../../drivers/sandbox/runc/setup/run-tool';
import { RuncHarness } from './runc-harness';

/** A machine beyond the host: a namespace with an address that is nobody's. */
const OUTSIDE = 'presage-test-outside';
const OUTSIDE_ADDRESS = '198.51.100.2';
const HOST_ADDRESS = '198.51.100.1';
const HELLO = `
import http.server
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(self.client_address[0].encode())
    def log_message(self, *a): pass
s = http.server.HTTPServer(('0.0.0.0', 8090), H)
print('ready', flush=True)
s.serve_forever()`;

describe('the network of an instance', () => {
  const gateways: Server[] = [];
  let harness: RuncHarness;
  const other = new RuncHarness();
  let outside: ChildProcess | undefined;
  let onHost: Server | undefined;
  let image: string;
  let open: RunningSandbox;
  let clone: RunningSandbox;

  beforeAll(async () => {
    harness = new RuncHarness(await gateway('one'));
    await harness.open();
    await runTool('ip', ['netns', 'delete', OUTSIDE]).catch(() => undefined);
    await runTool('ip', ['netns', 'add', OUTSIDE]);
    const setUp = [
      `link add tout0 type veth peer name eth0 netns ${OUTSIDE}`,
      'link set tout0 up',
      `addr add ${HOST_ADDRESS}/30 dev tout0`,
    ];
    await runTool('ip', ['-batch', '-'], { input: `${setUp.join('\n')}\n` });
    const inside = ['link set lo up', 'link set eth0 up', `addr add ${OUTSIDE_ADDRESS}/30 dev eth0`];
    await runTool('ip', ['-n', OUTSIDE, '-batch', '-'], { input: `${inside.join('\n')}\n` });
    outside = spawn(findProgram('ip') ?? 'ip', ['netns', 'exec', OUTSIDE, '/usr/bin/python3', '-c', HELLO], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(outside.stdout!, 'data');
    onHost = createServer((_, answer) => void answer.end('the host')).listen(0, '0.0.0.0');
    await once(onHost, 'listening');

    open = await harness.launch({ network: 'egress' });
    image = harness.image();
    await harness.driver.checkpoint(open.id, image);
    clone = await harness.restore(image, { network: 'egress' });
  }, 300_000);

  afterAll(async () => {
    onHost?.close();
    gateways.forEach((server) => server.close());
    outside?.kill('SIGKILL');
    await harness.close();
    await other.close();
    await runTool('ip', ['netns', 'delete', OUTSIDE]);
  }, 60_000);

  /** A server on the host's loopback alone. */
  async function gateway(name: string): Promise<{ address: string; port: number }> {
    const server = createServer((_, answer) => void answer.end(`gateway ${name}`)).listen(0, '127.0.0.1');
    gateways.push(server);
    await once(server, 'listening');
    return { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
  }

  const addressOf = (sandbox: RunningSandbox): string =>
    sandbox.endpoints.flatMap((each) => (each.kind === 'tcp' ? [each.host] : []))[0] ?? '';
  const fetching = (url: string): string =>
    `import urllib.request; out = urllib.request.urlopen('${url}', timeout=3).read().decode()`;
  const portOfHost = (): number => (onHost?.address() as AddressInfo).port;

  test('with egress it reaches the world, and is seen with the host’s address', async () => {
    for (const sandbox of [open, clone]) {
      const answer = await harness.run(sandbox, fetching(`http://${OUTSIDE_ADDRESS}:8090/`));
      expect(answer).toEqual({ out: HOST_ADDRESS });
    }
  });

  test('it does not reach the host, by whatever address', async () => {
    for (const sandbox of [open, clone]) {
      // the host's end of the link has the second address of the subnet
      const address = `${addressOf(sandbox).split('.').slice(0, 2).join('.')}.0.1`;
      for (const host of [address, HOST_ADDRESS, '127.0.0.1']) {
        const answer = await harness.run(sandbox, fetching(`http://${host}:${portOfHost()}/`));
        expect(answer.error).toMatch(/refused|unreachable|No route|not permitted/);
      }
    }
  });

  test('it reaches neither metadata services nor other instances', async () => {
    const server = await harness.launch({ network: 'egress' }, 'tcp');
    const endpoint = server.endpoints.find(({ kind }) => kind === 'tcp');
    if (endpoint?.kind !== 'tcp') throw new Error('no address');
    expect((await harness.run(server, 'out = "from the host"', 'tcp')).out).toBe('from the host');
    for (const sandbox of [open, clone]) {
      for (const url of ['http://169.254.169.254/', `http://${endpoint.host}:${endpoint.port}/`]) {
        const answer = await harness.run(sandbox, fetching(url));
        expect(answer.error).toMatch(/refused|unreachable|No route|not permitted/);
      }
    }
  }, 60_000);

  test('without egress a server on $PORT is reached and reaches nothing', async () => {
    const server = await harness.launch({ network: 'none' }, 'tcp');
    const answer = await harness.run(server, fetching(`http://${OUTSIDE_ADDRESS}:8090/`), 'tcp');
    expect(answer.error).toMatch(/refused|unreachable|No route|not permitted/);
    const own = await harness.run(
      server,
      fetching('http://127.0.0.1:8080/').replace('urlopen(', "urlopen(data=b'out = 3', url="),
      'tcp',
    );
    expect(own.out).toBe('{"out": 3}');
  }, 60_000);

  test('its name server is the address that the packet filter redirects', async () => {
    const sent = await harness.run(
      open,
      `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out = [l.split()[1] for l in open('/etc/resolv.conf') if l.startswith('nameserver')]
s.sendto(b'x', (out[0], 53))`,
    );
    expect(sent.out).toEqual(['169.254.203.53']);
  });

  test('the door leads to the gateway, and to nothing else of the host', async () => {
    const { port } = harness.options.gateway!;
    for (const sandbox of [open, clone]) {
      const named = await harness.run(sandbox, "import os; out = os.environ['PRESAGE_GATEWAY_URL']");
      expect(named).toEqual({ out: DOOR_URL });
      expect(await harness.run(sandbox, fetching(`${DOOR_URL}/`))).toEqual({ out: 'gateway one' });
      const gatewayOfSubnet = `${addressOf(sandbox).split('.').slice(0, 2).join('.')}.0.1`;
      for (const shut of [
        `${DOOR_URL}:${port}/`,
        `${DOOR_URL}:${portOfHost()}/`,
        `http://${gatewayOfSubnet}:${port}/`,
        `http://${HOST_ADDRESS}:${port}/`,
        `http://127.0.0.1:${port}/`,
      ]) {
        const answer = await harness.run(sandbox, fetching(shut));
        expect([shut, answer.error]).toEqual([
          shut,
          expect.stringMatching(/refused|unreachable|No route|not permitted/),
        ]);
      }
    }
  }, 60_000);

  test('without egress the door is shut, and the function is not told of it', async () => {
    const server = await harness.launch({ network: 'none' }, 'tcp');
    const named = await harness.run(server, "import os; out = os.environ.get('PRESAGE_GATEWAY_URL')", 'tcp');
    expect(named.out).toBeNull();
    const answer = await harness.run(server, fetching(`${DOOR_URL}/`), 'tcp');
    expect(answer.error).toMatch(/refused|unreachable|No route|not permitted/);
  }, 60_000);

  test('what a checkpoint remembers leads to the gateway wherever it listens after a restart', async () => {
    await harness.reopen(await gateway('two'));
    const later = await harness.restore(image, { network: 'egress' });
    for (const sandbox of [open, later]) {
      expect(await harness.run(sandbox, fetching(`${DOOR_URL}/`))).toEqual({ out: 'gateway two' });
    }
  }, 60_000);

  test('a second driver on the machine takes another subnet', async () => {
    await other.open();
    const server = await other.launch({ network: 'egress' }, 'tcp');
    expect(addressOf(server)).toMatch(/^10\./);
    expect(addressOf(server).split('.').slice(0, 2)).not.toEqual(addressOf(open).split('.').slice(0, 2));
    const answer = await harness.run(open, fetching(`http://${addressOf(server)}:8080/`));
    expect(answer.error).toMatch(/refused|unreachable|No route|not permitted/);
  }, 60_000);
});
