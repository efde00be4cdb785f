import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEFAULT_PLACEMENT_PRICES } from '../../core/placement/placement-prices';
import { agentAddress, loadConfig } from '../../workers/config';

test('defaults bind to loopback', () => {
  const config = loadConfig({});
  expect(config.gateway).toMatchObject({ host: '127.0.0.1', port: 8080 });
  expect(config.nodes).toEqual([{ name: 'local', tier: 'central', region: 'local', labels: {} }]);
  expect(config.agent.linger).toBe(1000);
});

test('file < environment < overrides', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-config-'));
  const file = path.join(folder, 'presage.yaml');
  writeFileSync(file, 'gateway: { port: 1000, host: 127.0.0.2 }\nagent: { linger: 2s }\n');
  const config = loadConfig(
    { PRESAGE_CONFIG: file, PRESAGE__GATEWAY__PORT: '2000', PRESAGE__AGENT__IMAGES: '1Gi' },
    { agent: { linger: '3s' } },
  );
  expect(config.gateway).toMatchObject({ port: 2000, host: '127.0.0.2' });
  expect(config.agent).toMatchObject({ linger: 3000, images: 2 ** 30 });
  rmSync(folder, { recursive: true });
});

test('all problems at once', () => {
  const env = { PRESAGE__GATEWAY__PORT: '99999', PRESAGE__AGENT__LINGER: 'long', PRESAGE__GATWAY__PORT: '1' };
  expect(() => loadConfig(env)).toThrow(/3 problem\(s\)/);
});

test('a file that is no mapping is refused with its name', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-config-'));
  const file = path.join(folder, 'bad.yaml');
  writeFileSync(file, '- 1\n- 2\n');
  expect(() => loadConfig({ PRESAGE_CONFIG: file })).toThrow(file);
  rmSync(folder, { recursive: true });
});

test('the run folder is short however long the data folder is, and an agent listens in it', () => {
  const config = loadConfig({}, { dataDir: `/tmp/${'deep/'.repeat(30)}` });
  expect(agentAddress(config, { name: 'edge-1' })).toBe(`unix:${config.runDir}/agent-edge-1.sock`);
  expect(config.runDir.length).toBeLessThan(60);
});

test('warming: a policy there is, a share of the memory, prices', () => {
  expect(loadConfig({}).warming).toEqual({
    policy: 'presage',
    memoryShare: 0.8,
    prices: { gbSecond: 16.67, waitSecond: 10_000, runningSecond: 0.56, storedGbSecond: 0.00875 },
  });
  const env = { PRESAGE__WARMING__POLICY: 'fixed:5m', PRESAGE__WARMING__PRICES__WAITSECOND: '0' };
  expect(loadConfig(env).warming).toMatchObject({ policy: 'fixed:5m', prices: { waitSecond: 0 } });
  const wrong = { policy: 'fixed:never', memoryShare: 0, prices: { gbSecond: -1 } };
  expect(() => loadConfig({}, { warming: wrong })).toThrow(/3 problem\(s\).*warming.policy.*from 1s to 24h/);
});

test('warming and placement take what the section cost says of resources, unless they say otherwise themselves', () => {
  const machine = { dollarsPerMonth: 2.592, cores: 4, memoryGb: 10, cpuShare: 0.4 };
  const cost = { preset: 'own-machine' as const, machine };
  const { warming, placement } = loadConfig({}, { cost, warming: { prices: { storedGbSecond: 3 } } });
  expect(warming.prices.gbSecond).toBeCloseTo(0.06);
  expect(warming.prices.runningSecond).toBeCloseTo(0.1 / 50);
  expect(warming.prices).toMatchObject({ storedGbSecond: 3, waitSecond: 10_000 });
  expect(placement.prices.coreHour).toBeCloseTo(360);
  expect(placement.prices).toMatchObject({ transferGb: 1_000, waitSecond: 10_000, otherTier: 0.1 });
  const priced = loadConfig({}, { cost: { prices: { gbSecondRunning: 2, slaSecond: 7 } } });
  expect(priced.warming.prices).toMatchObject({ gbSecond: 2, waitSecond: 10_000, runningSecond: 0.56 });
  expect(priced.placement.prices).toMatchObject({ gbHour: 7_200, coreHour: 28 * 3_600 });
  expect(loadConfig({}).placement.prices).toEqual(DEFAULT_PLACEMENT_PRICES);
  expect(() => loadConfig({}, { cost: { prices: { cpuSecond: -1 } } })).toThrow(
    /1 problem\(s\).*cost.prices.cpuSecond/,
  );
});

test('an agent across the network needs certificates; one on this machine does not', () => {
  const nodes = [{ name: 'a', address: '127.0.0.1:7000' }, { name: 'b', address: '10.0.0.7:7000' }]; // prettier-ignore
  expect(() => loadConfig({}, { nodes })).toThrow(
    /nodes\.1\.address: 10\.0\.0\.7:7000 is reached over the network.*agent\.tls/,
  );
  const tls = { ca: 'ca.pem', cert: 'a.pem', key: 'a.key' };
  expect(loadConfig({}, { nodes, agent: { tls } }).agent.tls).toEqual(tls);
});

test('a relay has a port of its own', () => {
  const agent = { tls: { ca: 'ca.pem', cert: 'a.pem', key: 'a.key' } };
  const nodes = (...relays: (string | undefined)[]) =>
    relays.map((relay, index) => ({
      name: `n${index}`,
      address: `127.0.0.1:${7000 + index}`,
      ...(relay ? { relay } : {}),
    }));
  expect(() => loadConfig({}, { nodes: nodes(undefined, undefined), agent })).toThrow(
    /nodes\.0\.relay: 127\.0\.0\.1:7001 is no port that its relay could have/,
  );
  expect(() => loadConfig({}, { nodes: nodes('127.0.0.1:7000'), agent })).toThrow(/nodes\.0\.relay/);
  expect(() => loadConfig({}, { nodes: nodes('127.0.0.1:99999'), agent })).toThrow(/nodes\.0\.relay/);
  expect(() => loadConfig({}, { nodes: nodes('nowhere'), agent })).toThrow(/must be host:port/);
  expect(loadConfig({}, { nodes: nodes('127.0.0.1:7100', undefined), agent }).nodes).toHaveLength(2);
});

test('what is meant as JSON and is none is told by the name of its variable', () => {
  expect(() => loadConfig({ PRESAGE__NODES: '[{"name":"a"' })).toThrow(/^PRESAGE__NODES is not valid JSON/);
});

test('issuers come by file or environment, each once, and only by https', () => {
  const issuer = { issuer: 'https://id.example', audience: 'presage' };
  const env = { PRESAGE__AUTH__ISSUERS: JSON.stringify([issuer]), PRESAGE__SECRETS__KEYFILE: '/run/key' };
  const config = loadConfig(env);
  expect(config.auth.issuers).toMatchObject([{ ...issuer, tenantClaim: 'tenant', rolesClaim: 'roles' }]);
  expect(config.secrets.keyFile).toBe('/run/key');
  expect(() => loadConfig({}, { auth: { issuers: [issuer, issuer] } })).toThrow(/names one issuer twice/);
  expect(() => loadConfig({}, { auth: { issuers: [{ ...issuer, issuer: 'http://id.example' }] } })).toThrow(/https/);
});

test('forecasts are trained by our own engine unless another is named', () => {
  expect(loadConfig({}).forecast.engine).toBe('own');
  expect(loadConfig({ PRESAGE__FORECAST__ENGINE: 'tfjs' }).forecast.engine).toBe('tfjs');
  expect(() => loadConfig({ PRESAGE__FORECAST__ENGINE: 'abacus' })).toThrow(/forecast\.engine/);
});

test('regions have distances, or all problems with them are told', () => {
  const nodes = [{ name: 'a', region: 'eu' }, { name: 'b', region: 'us' }]; // prettier-ignore
  const network = { latency: { eu: { us: 80 } }, bandwidth: { eu: { us: '10Mi' } }, inject: true };
  expect(loadConfig({}, { nodes, network }).network).toMatchObject({
    bandwidth: { eu: { us: 10 * 2 ** 20 } },
    inject: true,
  });
  const env = { PRESAGE__NODES: JSON.stringify(nodes), PRESAGE__NETWORK__LATENCY: '{"eu":{"us":7}}', PRESAGE__NETWORK__INJECT: 'true' }; // prettier-ignore
  expect(loadConfig(env).network).toMatchObject({ latency: { eu: { us: 7 } }, inject: true });

  const holes = { latency: { eu: { asia: 9 } }, users: [{ cidr: '10.0.0.0/8', region: 'moon' }] };
  expect(() => loadConfig({}, { nodes, network: holes, gateway: { region: 'mars' } })).toThrow(
    /network\.latency\.asia\.mars.*network\.latency\.eu\.us.*network\.users\.0\.region: there is no region "moon"/,
  );
  const wrong = { latency: { eu: { us: -1 } }, bandwidth: { eu: { us: 0 } }, users: [{ cidr: 'here', region: 'eu' }] };
  expect(() => loadConfig({}, { nodes, network: wrong })).toThrow(/3 problem/);
  expect(() => loadConfig({}, { nodes, network: { inject: true } })).toThrow(/nothing to inject/);
});

test('a name is one node’s', () => {
  expect(() => loadConfig({}, { nodes: [{ name: 'a' }, { name: 'a' }] })).toThrow(/nodes\.1\.name: "a" is used twice/);
});
