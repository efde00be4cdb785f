import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agentAddress, loadConfig } from '../../workers/config';

test('defaults bind to loopback', () => {
  const config = loadConfig({});
  expect(config.gateway).toMatchObject({ host: '127.0.0.1', port: 8080 });
  expect(config.nodes).toEqual([{ name: 'local', tier: 'central', labels: {} }]);
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
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'presage-config-')), 'bad.yaml');
  writeFileSync(file, '- 1\n- 2\n');
  expect(() => loadConfig({ PRESAGE_CONFIG: file })).toThrow(file);
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

test('an agent across the network needs certificates; one on this machine does not', () => {
  const nodes = [{ name: 'a', address: '127.0.0.1:7000' }, { name: 'b', address: '10.0.0.7:7000' }]; // prettier-ignore
  expect(() => loadConfig({}, { nodes })).toThrow(
    /nodes\.1\.address: 10\.0\.0\.7:7000 is reached over the network.*agent\.tls/,
  );
  const tls = { ca: 'ca.pem', cert: 'a.pem', key: 'a.key' };
  expect(loadConfig({}, { nodes, agent: { tls } }).agent.tls).toEqual(tls);
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
