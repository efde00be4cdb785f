import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environmentOf } from '../../../workers/all/environment';
import { parseFlags } from '../../../workers/all/flags';

describe('environmentOf', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-environment-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('runs its own database and Temporal unless others are given', () => {
    const own = environmentOf(parseFlags(['--data-dir', folder, '--postgres-port', '6000']), {});
    expect(own).toMatchObject({ ownPostgres: true, ownTemporal: true, temporalAddress: '127.0.0.1:7233' });
    expect(own.childEnv()['PRESAGE__POSTGRES__URL']).toMatch(
      /^postgres:\/\/presage:[0-9a-f]{64}@127\.0\.0\.1:6000\/presage$/,
    );
    expect(own.childEnv()['PRESAGE__TEMPORAL__UIURL']).toBe('http://127.0.0.1:8233');
    expect(statSync(path.join(folder, 'secrets', 'postgres.password')).mode & 0o777).toBe(0o600);

    const given = environmentOf(parseFlags(['--data-dir', folder]), {
      DATABASE_URL: 'postgres://d/p',
      TEMPORAL_ADDRESS: 't:1',
    });
    expect(given).toMatchObject({ ownPostgres: false, ownTemporal: false, temporalAddress: 't:1' });
    expect(given.childEnv()).toMatchObject({
      PRESAGE__POSTGRES__URL: 'postgres://d/p',
      PRESAGE__TEMPORAL__ADDRESS: 't:1',
    });
    expect(given.childEnv()).not.toHaveProperty('PRESAGE__TEMPORAL__UIURL');
  });

  it('lets flags win over the environment, and keeps the password', () => {
    const environment = environmentOf(parseFlags(['--data-dir', folder, '--port', '9001']), {
      PRESAGE__GATEWAY__PORT: '9000',
    });
    expect(environment.config.gateway.port).toBe(9001);
    expect(environment.childEnv()).toMatchObject({ PRESAGE__GATEWAY__PORT: '9001', PRESAGE__DATADIR: folder });
    expect(environment.childEnv()['PRESAGE__POSTGRES__URL']).toBe(environment.childEnv()['PRESAGE__POSTGRES__URL']);
  });
});
