import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig, type ConfigInput } from '../../workers/config';
import { workerVersion } from '../../workers/control/worker-version';
import { temporalUi } from '../../workers/gateway/gateway-workflows';
import { temporalAccess } from '../../workers/temporal-access';

const ADDRESS = 'temporal.example:7233';

test('without an address it is the server of this machine, in plain text', () => {
  expect(temporalAccess(loadConfig({}))).toEqual({ address: '127.0.0.1:7233' });
});

test('an API key brings TLS with it; a key in a file loses its line end', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-temporal-'));
  const apiKeyFile = path.join(folder, 'key');
  writeFileSync(apiKeyFile, 'secret\n');
  for (const temporal of [{ apiKey: 'secret' }, { apiKeyFile }]) {
    const config = loadConfig({}, { temporal: { address: ADDRESS, ...temporal } });
    expect(temporalAccess(config)).toEqual({ address: ADDRESS, tls: {}, apiKey: 'secret' });
  }
  rmSync(folder, { recursive: true });
});

test.each([
  [{ address: 'https://temporal.example' }, /temporal\.address: must be host:port/],
  [{ address: ADDRESS, tls: { cert: 'c.pem' } }, /temporal\.tls\.key: is missing/],
  [{ address: ADDRESS, tls: { key: 'k.pem' } }, /temporal\.tls\.cert: is missing/],
  [{ tls: {} }, /temporal\.tls: is for a server of your own/],
  [{ apiKey: 'secret' }, /temporal\.apiKey: is for a server of your own/],
  [{ address: ADDRESS, apiKey: 'a', apiKeyFile: 'b' }, /temporal\.apiKeyFile: is given beside apiKey/],
  [{ uiUrl: 'temporal.example' }, /temporal\.uiUrl: must be a URL/],
  [{ versioning: { deployment: 'a:b' } }, /temporal\.versioning\.deployment/],
  [{ versioning: { buildId: 'v 1' } }, /temporal\.versioning\.buildId/],
] as [ConfigInput['temporal'], RegExp][])('%j is refused', (temporal, message) => {
  expect(() => loadConfig({}, { temporal })).toThrow(message);
});

test('a worker is of no build, of version and commit, or of the build that is named', () => {
  expect(workerVersion(loadConfig({}))).toBeNull();
  const config = loadConfig({ PRESAGE__TEMPORAL__VERSIONING__ENABLED: 'true' });
  expect(workerVersion(config, { PRESAGE_COMMIT: '0123456789abcdef' })).toMatchObject({
    deploymentName: 'presage',
    buildId: expect.stringMatching(/^\d+\.\d+\.\d+-0123456789ab$/) as string,
  });
  expect(workerVersion(config, {})?.buildId).toMatch(/^\d+\.\d+\.\d+$/);
  const named = loadConfig({}, { temporal: { versioning: { enabled: true, deployment: 'eu', buildId: 'blue' } } });
  expect(workerVersion(named)).toEqual({ deploymentName: 'eu', buildId: 'blue' });
});

test('workflows are linked to in the UI of the server that runs here, or in the one that is named', () => {
  const uiOf = (temporal: ConfigInput['temporal']) => temporalUi(loadConfig({}, { temporal }));
  expect(uiOf({ uiPort: 9233 })).toBe('http://127.0.0.1:9233/namespaces/default');
  expect(uiOf({ address: 'temporal:7233' })).toBeNull();
  const own = { address: 'temporal:7233', uiUrl: 'https://temporal.example.com/', namespace: 'pre sage' };
  expect(uiOf(own)).toBe('https://temporal.example.com/namespaces/pre%20sage');
});
