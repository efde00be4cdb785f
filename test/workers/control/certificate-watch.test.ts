import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type PeerCertificate } from 'node:tls';
import { InstanceRelay } from '../../../agent/relay/instance-relay';
import { createAgentClient, type AgentClient } from '../../../agent/rpc/agent-client';
import type { AgentTlsSettings } from '../../../agent/rpc/agent-tls';
import { serveAgent, type AgentServer } from '../../../agent/rpc/agent-server';
import { AGENT_ROLE, serverNameOf } from '../../../core/node/certificate-names';
import { newCertificateRequest } from '../../../core/node/certificate-request';
import { newRsaKey } from '../../../core/node/rsa-key';
import { ensureAuthority, renewPlatformCertificate } from '../../../drivers/certificates/local-authority';
import { platformIdentity } from '../../../drivers/certificates/platform-identity';
import { CertificateWatch } from '../../../workers/control/certificate-watch';
import { AgentHarness, until } from '../../agent/agent-harness';
import { sampleBeat } from '../../drivers/store/node-contract';
import { createMemoryStore, type MemoryStore } from '../../fakes/memory-store';
import { freePort } from '../../integration/support/eventually';

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const YEAR_MS = 365 * 86_400_000;
const OWNER = { commonName: 'far-1', role: AGENT_ROLE, serverName: serverNameOf('far-1') };

let folder: string;
let harness: AgentHarness;
let server: AgentServer;
let relay: InstanceRelay;
let client: AgentClient;
let address: string;
let tls: AgentTlsSettings;
let platform: AgentTlsSettings;

/** All was certified so many years ago; the certificates are good for five. */
async function open(yearsAgo: number): Promise<void> {
  const then = (): number => Date.now() - yearsAgo * YEAR_MS;
  folder = await mkdtemp(path.join(tmpdir(), 'certificates-'));
  const authority = await ensureAuthority(folder, then);
  const identity = platformIdentity(folder);
  if (!identity) throw new Error('there is no certificate of the platform');
  const key = await newRsaKey();
  tls = { ca: identity.ca, cert: path.join(folder, 'agent.crt'), key: path.join(folder, 'agent.key') };
  await writeFile(tls.key, key);
  await writeFile(tls.cert, authority.sign(await newCertificateRequest(key, 'node'), OWNER));
  platform = { ...identity, serverName: OWNER.serverName };
  harness = await AgentHarness.open();
  address = `127.0.0.1:${await freePort()}`;
  server = await serveAgent(address, harness.agent, QUIET, tls);
  relay = new InstanceRelay({ address: { host: '127.0.0.1', port: await freePort() }, tls, log: QUIET });
  await relay.listen((gatewayId, instanceId) => harness.agent.relayed(gatewayId, instanceId));
  client = createAgentClient(address, platform);
}

afterEach(async () => {
  client.close();
  await relay.close();
  await server.close(0);
  await harness.close();
  await rm(folder, { recursive: true, force: true });
});

function watch(store: MemoryStore): CertificateWatch {
  return new CertificateWatch({
    store,
    log: QUIET,
    authority: () => ensureAuthority(folder),
    renewOwn: () => renewPlatformCertificate(folder),
    agent: () => Promise.resolve(client),
    declared: new Set(['local']),
    now: () => new Date(),
  });
}

const notAfter = async (file: string): Promise<number> => Date.parse(new X509Certificate(await readFile(file)).validTo);

/** What a listener shows to whoever comes now. */
function shownBy(port: number): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    void Promise.all([platform.ca, platform.cert, platform.key].map((file) => readFile(file))).then(
      ([ca, cert, key]) => {
        const socket = connect({ host: '127.0.0.1', port, ca, cert, key, servername: OWNER.serverName, ALPNProtocols: ['h2', 'http/1.1'] }); // prettier-ignore
        socket.once('error', reject);
        socket.once('secureConnect', () => {
          resolve(socket.getPeerCertificate());
          socket.destroy();
        });
      },
    );
  });
}

test('what has lived for long is renewed, at the agent, its relay and the platform; open streams stay', async () => {
  await open(3.2);
  const store = createMemoryStore();
  await store.beatNode(sampleBeat({ name: 'far-1', address }));
  let ends = 0;
  const stream = client.endpoints('g1', {
    heldInstanceIds: () => [],
    parkedIds: () => [],
    welcome: () => undefined,
    withdraw: () => undefined,
    gone: () => undefined,
    asleep: () => undefined,
    checkpointDue: () => undefined,
    disconnected: () => void ends++,
  });
  await until('the stream is open', () => stream.connected);
  const [keyBefore, agentBefore, ownBefore] = [await readFile(tls.key), await notAfter(tls.cert), await notAfter(platform.cert)]; // prettier-ignore

  await watch(store).look();

  expect(await notAfter(tls.cert)).toBeGreaterThan(agentBefore + 3 * YEAR_MS);
  expect(await notAfter(platform.cert)).toBeGreaterThan(ownBefore + 3 * YEAR_MS);
  expect(await readFile(tls.key)).toEqual(keyBefore);
  const renewed = new X509Certificate(await readFile(tls.cert));
  expect([renewed.subject, renewed.subjectAltName]).toEqual(['CN=far-1\nOU=presage-agent', 'DNS:far-1.node.presage']);
  for (const port of [Number(address.split(':')[1]), relay.address.port]) {
    await until('new connections see the new one', async () => Date.parse((await shownBy(port)).valid_to) > agentBefore + YEAR_MS); // prettier-ignore
  }
  expect([stream.connected, ends]).toEqual([true, 0]);
  stream.close();
  const told = async (): Promise<(string | null)[]> =>
    (await store.events({ tenant: null, types: ['node.certificate-renewed'], limit: 10 })).items.map(
      ({ node }) => node,
    );
  expect(await told()).toEqual(['far-1']);

  await watch(store).look();
  expect(await told()).toEqual(['far-1']);
});

test('what has years before it stays, and a node of the configuration is left to who made its certificate', async () => {
  await open(2);
  const store = createMemoryStore();
  await store.beatNode(sampleBeat({ name: 'far-1', address }));
  await store.beatNode(sampleBeat({ name: 'local', address }));
  const before = await Promise.all([readFile(tls.cert), readFile(platform.cert)]);
  await watch(store).look();
  expect(await Promise.all([readFile(tls.cert), readFile(platform.cert)])).toEqual(before);
});

test('an agent takes no certificate but one of its own key, name and authority, that is good for longer', async () => {
  await open(1);
  const authority = await ensureAuthority(folder);
  const other = await ensureAuthority(path.join(folder, 'other'));
  const { requestPem } = await client.certificate();
  const foreign = await newCertificateRequest(await newRsaKey(), 'node');
  const before = await readFile(tls.cert);
  for (const [pem, why] of [
    [authority.sign(foreign, OWNER), 'another key'],
    [authority.sign(requestPem, { ...OWNER, commonName: 'far-2' }), 'another name'],
    [authority.sign(requestPem, { ...OWNER, serverName: serverNameOf('far-2') }), 'another name'],
    [other.sign(requestPem, OWNER), 'another authority'],
    [before.toString(), 'good for no longer'],
    ['no certificate', 'no certificate in PEM'],
  ] as const) {
    await expect(client.installCertificate(pem)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(why) as string,
    });
  }
  expect(await readFile(tls.cert)).toEqual(before);
  await expect(harness.client.certificate()).rejects.toMatchObject({ code: 'unsupported' });
});
