import { createServer, type AddressInfo, type Server } from 'node:net';
import { isFree, portHolder, requireFreePorts } from '../../../workers/all/ports';

describe('ports', () => {
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('finds the process that holds a port', () => {
    expect(portHolder(port)).toMatchObject({ pid: process.pid });
  });

  it('knows a taken port from a free one', async () => {
    expect(await isFree('127.0.0.1', port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isFree('127.0.0.1', port)).toBe(true);
    expect(portHolder(port)).toBeNull();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  });

  it('names the port, its holder and the flag in one sentence', async () => {
    const wanted = [{ host: '127.0.0.1', port, owner: 'the gateway', flag: '--port' }];
    await expect(requireFreePorts(wanted)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(
        new RegExp(
          `^port ${port}, wanted by the gateway, is taken by process ${process.pid} .*; choose another with --port PORT$`,
        ),
      ) as string,
    });
  });

  it('says when two of ours want the same port', async () => {
    const free = 1;
    const wanted = [
      { host: '127.0.0.1', port: free, owner: 'Temporal', flag: '--temporal-port' },
      { host: '127.0.0.1', port: free, owner: 'PostgreSQL', flag: '--postgres-port' },
    ];
    await expect(requireFreePorts(wanted)).rejects.toThrow('port 1 is wanted by Temporal and PostgreSQL');
  });
});
