import { examine } from '../../../core/doctor/examine';
import type { Installation } from '../../../core/doctor/installation';
import { ago, soundInstallation, soundNode, soundPostgres, soundTemporal } from './sound-installation';

const DAY_MS = 86_400_000;
const sound = soundInstallation();
const key = sound.keys[0] as Installation['keys'][number];
const found = (change: Partial<Installation>): Record<string, string> =>
  Object.fromEntries(
    examine(soundInstallation(change))
      .filter(({ state }) => state !== 'ok')
      .map(({ id, state }) => [id, state]),
  );

test('with a sound installation nothing is wrong', () => {
  expect(found({})).toEqual({});
});

test.each<[string, Partial<Installation>, Record<string, string>]>([
  ['no TLS, open to all', { door: { ...sound.door, tls: false } }, { tls: 'fail' }],
  ['no TLS, on loopback', { door: { host: '127.0.0.1', port: 8080, tls: false, local: true } }, { tls: 'warn' }],
  ['a first key, long after', { keys: [{ ...key, first: true, createdAt: ago(2 * DAY_MS) }] }, { 'first-key': 'fail' }],
  ['a first key, on the first day', { keys: [{ ...key, first: true }] }, { 'first-key': 'warn' }],
  ['a first key that was rotated', { keys: [{ ...key, first: true, rotatedAt: ago(1) }] }, {}],
  ['a key without an end', { keys: [{ ...key, expiresAt: null }] }, { keys: 'warn' }],
  ['a key that nobody uses', { keys: [{ ...key, createdAt: ago(100 * DAY_MS), rotatedAt: ago(1), lastUsedAt: ago(91 * DAY_MS) }] }, { keys: 'warn' }], // prettier-ignore
  ['the master key beside what it seals', { masterKey: { source: 'data-folder', previous: 0 } }, { 'master-key': 'fail' }], // prettier-ignore
  ['the master key in the environment', { masterKey: { source: 'environment', previous: 0 } }, { 'master-key': 'warn' }], // prettier-ignore
  ['master keys of before', { masterKey: { source: 'file', previous: 1 } }, { 'master-key': 'warn' }],
  ['a tenant without a rate', { unlimitedTenants: ['acme'] }, { limits: 'warn' }],
  ['few files', { openFiles: 1024 }, { 'open-files': 'warn' }],
  ['nobody reads metrics', { scrapedAt: null }, { metrics: 'fail' }],
  ['nobody has read metrics yet', { scrapedAt: null, upForMs: 1_000 }, { metrics: 'warn' }],
  ['metrics read an hour ago', { scrapedAt: ago(3_600_000) }, { metrics: 'fail' }],
  ['PostgreSQL of npm start, no archive', { postgres: { ...soundPostgres, own: true, archiveMode: 'off', lastArchivedAt: null } }, { postgres: 'fail', 'postgres-backup': 'fail' }], // prettier-ignore
  ['no archive, a follower', { postgres: { ...soundPostgres, archiveMode: 'off' } }, { 'postgres-backup': 'warn' }],
  ['an old archive', { postgres: { ...soundPostgres, lastArchivedAt: ago(2 * DAY_MS) } }, { 'postgres-backup': 'warn' }], // prettier-ignore
  ['an archive that fails', { postgres: { ...soundPostgres, lastArchiveFailureAt: ago(1) } }, { 'postgres-backup': 'fail' }], // prettier-ignore
  ['PostgreSQL in the clear', { postgres: { ...soundPostgres, encrypted: false } }, { 'postgres-tls': 'fail' }],
  ['the same on one machine', { postgres: { ...soundPostgres, encrypted: false, sameMachine: true } }, {}],
  ['few connections left', { postgres: { ...soundPostgres, connections: 95 } }, { 'postgres-room': 'warn' }],
  ['PostgreSQL away', { postgres: 'PostgreSQL cannot be asked: no' }, { postgres: 'fail' }],
  ['the development server', { temporal: { ...soundTemporal, persistence: 'sqlite' } }, { temporal: 'fail' }],
  ['Temporal Cloud, which does not say', { temporal: { ...soundTemporal, persistence: null } }, {}],
  ['short histories', { temporal: { ...soundTemporal, retentionMs: DAY_MS } }, { 'temporal-retention': 'warn' }],
  ['Temporal away', { temporal: 'Temporal cannot be asked: no' }, { temporal: 'fail' }],
  ['gateways that count each for itself', { redis: false }, { redis: 'fail' }],
  ['one gateway without Redis', { redis: false, gatewayProcesses: 1, postgres: { ...soundPostgres, gateways: 1 } }, {}],
  ['gateways on several machines', { redis: false, gatewayProcesses: 1 }, { redis: 'fail' }],
  ['a full disk', { disk: { freeBytes: 5, totalBytes: 100 } }, { disk: 'fail' }],
  ['a fuller disk of a node', { nodes: [soundNode('a', { disk: { freeBytes: 15, totalBytes: 100 } }), soundNode('b')] }, { 'disk-a': 'warn' }], // prettier-ignore
  ['one node', { nodes: [soundNode('a')] }, { nodes: 'warn' }],
  ['no node', { nodes: [] }, { nodes: 'fail' }],
  ['a silent node', { nodes: [soundNode('a', { driver: null }), soundNode('b')] }, { nodes: 'fail' }],
  ['a cordoned node', { nodes: [soundNode('a', { state: 'cordoned' }), soundNode('b')] }, { nodes: 'warn' }],
  ['a clock that is off', { nodes: [soundNode('a', { clockSkewMs: -900, clockErrorMs: 10 }), soundNode('b')] }, { clocks: 'warn' }], // prettier-ignore
  ['a slow line, no clock that is off', { nodes: [soundNode('a', { clockSkewMs: 900, clockErrorMs: 800 }), soundNode('b')] }, {}], // prettier-ignore
  ['a database in another time', { postgres: { ...soundPostgres, clockSkewMs: 60_000 } }, { clocks: 'fail' }],
  ['functions that are not shut in', { nodes: [soundNode('a', { driver: 'process', checkpoints: false }), soundNode('b')] }, { isolation: 'fail' }], // prettier-ignore
  ['a node whose CRIU does not work', { nodes: [soundNode('a', { checkpoints: false }), soundNode('b')] }, { criu: 'warn' }], // prettier-ignore
  ['a checkpoint that failed', { nodes: [soundNode('a', { quarantined: 1 }), soundNode('b')] }, { criu: 'warn' }],
  ['another version', { nodes: [soundNode('a', { version: '0.0.9' }), soundNode('b')] }, { versions: 'warn' }],
  ['a node elsewhere', { nodes: [soundNode('a', { elsewhere: true }), soundNode('b')] }, { 'image-store': 'warn' }],
  ['no budgets', { budgets: [] }, { budgets: 'warn' }],
  ['no budgets and no functions', { budgets: [], functions: 0 }, {}],
  ['a budget that tells nobody', { budgets: [{ tenant: 'acme', name: 'all', alerts: 4, unreached: undefined }] }, { webhooks: 'warn' }], // prettier-ignore
  ['a webhook that nobody answers', { budgets: [{ tenant: 'acme', name: 'all', alerts: 4, unreached: 'hooks:443: ECONNREFUSED' }] }, { webhooks: 'fail' }], // prettier-ignore
])('%s', (_what, change, expected) => {
  expect(found(change)).toEqual(expected);
});

test('what is not well says what that means and how to mend it; what is well says neither', () => {
  const worst = examine(
    soundInstallation({
      postgres: 'away',
      temporal: 'away',
      nodes: [],
      budgets: [],
      keys: [{ ...key, expiresAt: null }],
    }),
  );
  for (const { state, detail, means, mend } of worst) {
    expect(detail).not.toBe('');
    expect([means !== '', mend !== '']).toEqual([state !== 'ok', state !== 'ok']);
  }
  expect(new Set(worst.map(({ id }) => id)).size).toBe(worst.length);
});
