import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { API_KEY_RANDOM_BYTES, newApiKey } from '../../../core/crypto/api-key';
import { cacheDir } from '../../../workers/cache-dir';
import { environmentOf, type Environment } from '../../../workers/all/environment';
import { parseFlags } from '../../../workers/all/flags';
import { findTemporal } from '../../../workers/all/prerequisites/temporal-binary';
import { portHolder } from '../../../workers/all/ports';
import { signal } from '../../../workers/all/process/process-identity';
import { ensureCluster, ownPostgresUrl } from '../../../workers/all/services/postgres-cluster';
import { accepts, postgresService } from '../../../workers/all/services/postgres-service';
import { isServing, temporalService } from '../../../workers/all/services/temporal-service';
import { pidFiles } from '../../../workers/all/start-command';
import { STOP_ORDER, Supervisor } from '../../../workers/all/supervisor/supervisor';
import { migrate, readClientFile } from '../../../workers/migrate';

const WAIT_MS = 90_000;

describe('the servers that npm start runs', () => {
  jest.setTimeout(2 * WAIT_MS);
  let folder: string;
  let runFolder: string;
  let environment: Environment;
  let supervisor: Supervisor;
  let url: string;

  beforeAll(async () => {
    // Closed to all other users, as a home folder is: PostgreSQL has to get in all the same.
    folder = mkdtempSync(path.join(tmpdir(), 'presage-servers-'));
    runFolder = mkdtempSync(path.join(tmpdir(), 'presage-run-'));
    chmodSync(runFolder, 0o711);
    const [postgres, temporal, ui] = await freePorts(3);
    environment = environmentOf(
      parseFlags([
        ...['--data-dir', path.join(folder, 'data'), '--postgres-port', `${postgres}`],
        ...['--temporal-port', `${temporal}`, '--temporal-ui-port', `${ui}`],
      ]),
      {
        ...process.env,
        PRESAGE__RUNDIR: path.join(runFolder, 'run'),
        DATABASE_URL: undefined,
        TEMPORAL_ADDRESS: undefined,
      },
    );
    url = ownPostgresUrl(environment.config);
    supervisor = new Supervisor(pidFiles(environment), path.join(folder, 'logs'), () => undefined);
  });
  afterAll(async () => {
    await supervisor.stop(STOP_ORDER);
    for (const made of [folder, runFolder]) rmSync(made, { recursive: true, force: true });
  });

  async function until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + WAIT_MS;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error('waited too long');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function killed(name: string): Promise<void> {
    const record = pidFiles(environment).running(name);
    if (!record) throw new Error(`${name} does not run`);
    signal(record, 'SIGKILL');
    await until(() => Promise.resolve((pidFiles(environment).running(name)?.pid ?? record.pid) !== record.pid));
  }

  it('PostgreSQL is initialised, not as root, and takes the tables and the first key', async () => {
    await supervisor.start(postgresService(environment.config, await ensureCluster(environment.config, cacheDir())));
    const config = { ...environment.config, postgres: { ...environment.config.postgres, url } };
    await migrate(config, 'http://127.0.0.1:8080');
    const file = readClientFile(config.dataDir);
    expect(file).toMatchObject({
      url: 'http://127.0.0.1:8080',
      apiKey: expect.stringMatching(/^psk_[\w-]{43}$/) as string,
    });
    // Again: nothing new but the address.
    await migrate(config, 'http://127.0.0.1:9090');
    expect(readClientFile(config.dataDir)).toEqual({ url: 'http://127.0.0.1:9090', apiKey: file?.apiKey });
    expect(await rows('select count(*)::int as n from api_keys')).toEqual([{ n: 1 }]);
  });

  it("an operator's own first key is made once, without a file, and stays revoked once it is", async () => {
    const config = {
      ...environment.config,
      dataDir: path.join(environment.config.dataDir, 'none'),
      postgres: { ...environment.config.postgres, url },
    };
    const first = newApiKey(randomBytes(API_KEY_RANDOM_BYTES));
    const ours = `select count(*)::int as n from api_keys where hash = '${first.hash}' and revoked_at is null`;
    await migrate(config, 'http://127.0.0.1:8080', first);
    await migrate(config, 'http://127.0.0.1:8080', first);
    expect(await rows(ours)).toEqual([{ n: 1 }]);
    expect(readClientFile(config.dataDir)).toBeNull();
    await rows(`update api_keys set revoked_at = now() where hash = '${first.hash}'`);
    await migrate(config, 'http://127.0.0.1:8080', first);
    expect(await rows(ours)).toEqual([{ n: 0 }]);
  });

  it('PostgreSQL refuses whoever lacks the password', async () => {
    const wrong = new URL(url);
    wrong.password = 'wrong';
    expect(await accepts(wrong.toString())).toBe(false);
    expect(await accepts(url)).toBe(true);
  });

  it('PostgreSQL comes back after kill -9 with what was committed', async () => {
    await rows('create table kept as select 42 as answer');
    await killed('postgres');
    await until(() => accepts(url));
    expect(await rows('select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('Temporal serves on loopback, and again after kill -9', async () => {
    const binary = findTemporal(cacheDir());
    if (!binary) throw new Error('There is no Temporal server; `npm test` builds one');
    await supervisor.start(temporalService(environment.config, binary));
    expect(portHolder(environment.config.temporal.port)?.pid).toBe(pidFiles(environment).running('temporal')?.pid);
    await killed('temporal');
    await until(() => isServing(environment.temporalAddress));
  });

  it('both end when asked, and leave nothing', async () => {
    await supervisor.stop(STOP_ORDER);
    expect(pidFiles(environment).allRunning()).toEqual([]);
    expect(await isServing(environment.temporalAddress)).toBe(false);
    expect(await accepts(url)).toBe(false);
  });

  async function rows(statement: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(statement)).rows as unknown[];
    } finally {
      await client.end();
    }
  }
});

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
