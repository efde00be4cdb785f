import { generateKeyPairSync } from 'node:crypto';
import { createSecureServer, type Http2SecureServer, type IncomingHttpHeaders } from 'node:http2';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer, type Server } from 'node:tls';
import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { newCertificateRequest } from '../../../core/node/certificate-request';
import { ensureAuthority } from '../../../drivers/certificates/local-authority';
import { lazyTemporalConnection } from '../../../gateway/api/temporal-connection';
import { prepareNamespace } from '../../../workers/all/temporal-namespace';
import { loadConfig, type Config, type ConfigInput } from '../../../workers/config';
import { temporalAccess } from '../../../workers/temporal-access';
import { temporalBinary } from '../support/temporal-binary';

jest.setTimeout(120_000);

const SERVER_NAME = 'temporal.test';

let folder: string;
let environment: TestWorkflowEnvironment;
/** Ends TLS before the server, and speaks with nobody who shows no certificate. */
let proxy: Server;
/** Takes calls, notes their headers, and refuses them. */
let listener: Http2SecureServer;
const heard: IncomingHttpHeaders[] = [];
const sockets = new Set<Socket>();
const files: Record<string, string> = {};

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  folder = await mkdtemp(path.join(tmpdir(), 'temporal-tls-'));
  environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: temporalBinary() }, log: { format: 'json', level: 'error' } },
  });
  const authority = await ensureAuthority(folder);
  const certified = async (name: string): Promise<{ key: string; cert: string }> => {
    const { privateKey: key } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const owner = { commonName: name, role: 'test', serverName: name };
    return { key, cert: authority.sign(await newCertificateRequest(key, name), owner) };
  };
  const [server, client] = await Promise.all([certified(SERVER_NAME), certified('client')]);
  for (const [name, text] of Object.entries({
    ca: authority.certificatePem,
    cert: client.cert,
    key: client.key,
    apiKey: 'key-1\n',
  })) {
    await writeFile((files[name] = path.join(folder, name)), text);
  }
  const [host, port] = environment.address.split(':');
  proxy = createServer(
    { ...server, ca: authority.certificatePem, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] },
    (socket) => {
      const upstream = connect(Number(port), host);
      for (const end of [socket, upstream])
        sockets.add(end.on('error', () => undefined).on('close', () => (socket.destroy(), upstream.destroy())));
      socket.pipe(upstream).pipe(socket);
    },
  ).on('tlsClientError', () => undefined);
  listener = createSecureServer(server, (request, response) => {
    heard.push(request.headers);
    // Unauthenticated.
    response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': '16' }).end();
  });
  for (const each of [proxy, listener]) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
  listener.close();
  await environment.teardown();
  await rm(folder, { recursive: true, force: true });
});

function configFor(server: { address(): unknown }, settings: ConfigInput['temporal']): Config {
  const { port } = server.address() as AddressInfo;
  return loadConfig({}, { dataDir: folder, temporal: { address: `127.0.0.1:${port}`, ...settings } });
}

const given = (name: string): string => files[name] ?? '';
const mutual = (): ConfigInput['temporal'] => ({
  tls: { ca: given('ca'), cert: given('cert'), key: given('key'), serverName: SERVER_NAME },
});

test('all clients reach a server that wants certificates, and its namespace gets its attributes', async () => {
  const config = configFor(proxy, mutual());
  const access = temporalAccess(config);
  await prepareNamespace(config, access, false);
  const native = await NativeConnection.connect(access);
  await native.close();
  const lazy = lazyTemporalConnection(access, 'default');
  const { customAttributes } = await lazy.operatorService.listSearchAttributes({ namespace: 'default' });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(['FunctionName', 'TenantId', 'NodeName']));
  await lazy.close();
});

test('without a certificate, or with an unknown authority, nobody gets in, and it is said what to look at', async () => {
  const { ca, serverName } = { ca: given('ca'), serverName: SERVER_NAME };
  for (const tls of [
    { ca, serverName },
    { serverName, cert: given('cert'), key: given('key') },
  ]) {
    const config = configFor(proxy, { tls });
    await expect(NativeConnection.connect(temporalAccess(config))).rejects.toThrow();
    await expect(Connection.connect({ ...temporalAccess(config), connectTimeout: 2_000 })).rejects.toThrow();
  }
});

test('an API key goes with every call, by TLS', async () => {
  const config = configFor(listener, {
    tls: { ca: given('ca'), serverName: SERVER_NAME },
    apiKeyFile: given('apiKey'),
  });
  const access = temporalAccess(config);
  await expect(NativeConnection.connect(access)).rejects.toThrow();
  const lazy = lazyTemporalConnection(access, 'default');
  await expect(lazy.workflowService.getSystemInfo({})).rejects.toThrow();
  await lazy.close();
  expect(heard.length).toBeGreaterThanOrEqual(2);
  for (const { authorization } of heard) expect(authorization).toBe('Bearer key-1');
});

test('a file that cannot be read is named', () => {
  const config = configFor(proxy, { tls: { ca: '/none.pem' } });
  expect(() => temporalAccess(config)).toThrow('temporal.tls.ca: the file /none.pem cannot be read');
});
