import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig, type ConfigInput } from '../../workers/config';
import { workerVersion } from '../../workers/control/worker-version';
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
