import type { InstalledNode, Installation, PostgresFacts, TemporalFacts } from '../../../core/doctor/installation';

const AT = new Date('2026-11-27T12:00:00Z');
const HOUR_MS = 3_600_000;

/** So long before the look. @param ms milliseconds */
export const ago = (ms: number): Date => new Date(AT.getTime() - ms);

export const soundPostgres: PostgresFacts = {
  own: false,
  version: '16.4',
  encrypted: true,
  sameMachine: false,
  archiveMode: 'on',
  lastArchivedAt: ago(HOUR_MS),
  lastArchiveFailureAt: null,
  standbys: 1,
  connections: 20,
  maxConnections: 100,
  clockSkewMs: 0,
  gateways: 2,
};
export const soundTemporal: TemporalFacts = {
  serverVersion: '1.29.0',
  persistence: 'postgres12',
  retentionMs: 7 * 24 * HOUR_MS,
};

export function soundNode(name: string, change: Partial<InstalledNode> = {}): InstalledNode {
  return {
    ...{ name, state: 'ready', driver: 'runc', version: '0.1.0', checkpoints: true, quarantined: 0, elsewhere: false },
    ...{ clockSkewMs: 3, clockErrorMs: 2, disk: { freeBytes: 60e9, totalBytes: 100e9 } },
    ...change,
  };
}

/** An installation with which nothing is wrong, but for what the test changes. */
export function soundInstallation(change: Partial<Installation> = {}): Installation {
  return {
    at: AT,
    version: '0.1.0',
    door: { host: '0.0.0.0', port: 443, tls: true, local: false },
    gatewayProcesses: 2,
    redis: true,
    openFiles: 65_536,
    masterKey: { source: 'file', previous: 0 },
    keys: [
      {
        ...{ id: 'k1', name: 'operators', first: false, createdAt: ago(HOUR_MS), rotatedAt: null },
        ...{ expiresAt: new Date(AT.getTime() + HOUR_MS), lastUsedAt: ago(1_000) },
      },
    ],
    postgres: soundPostgres,
    temporal: soundTemporal,
    disk: { freeBytes: 60e9, totalBytes: 100e9 },
    imageStore: 'local',
    nodes: [soundNode('edge-1'), soundNode('central-1')],
    budgets: [{ tenant: 'acme', name: 'all', alerts: 4, unreached: null }],
    unlimitedTenants: [],
    functions: 3,
    scrapedAt: ago(15_000),
    upForMs: 24 * HOUR_MS,
    ...change,
  };
}
