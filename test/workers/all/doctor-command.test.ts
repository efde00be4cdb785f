import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { diagnosis, doctor } from '../../../workers/all/doctor-command';
import { environmentOf } from '../../../workers/all/environment';
import { parseFlags } from '../../../workers/all/flags';

describe('doctor', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-doctor-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function examine(env: NodeJS.ProcessEnv, ...flags: string[]): Promise<{ status: number; text: string }> {
    const lines: string[] = [];
    const environment = environmentOf(parseFlags(['--data-dir', path.join(folder, 'data'), ...flags]), {
      PATH: process.env['PATH'],
      PRESAGE_CACHE: path.join(folder, 'cache'),
      PRESAGE__RUNDIR: path.join(folder, 'run'),
      ...env,
    });
    const status = await doctor(environment, (line) => lines.push(line));
    return { status, text: lines.join('\n') };
  }

  it('says what is missing and how to mend it', async () => {
    const { text } = await examine({}, '--sandbox', 'runc');
    expect(text).toMatch(/MISSING {2}CRIU: our static build is not made yet\n +npm start makes it/);
    expect(text).toMatch(/npm start sets up what it can/);
  });

  it('asks for nothing that other addresses make needless', async () => {
    const env = { DATABASE_URL: 'postgres://db/presage', TEMPORAL_ADDRESS: 'temporal:7233' };
    const { text } = await examine(env, '--sandbox', 'process');
    expect(text).toContain('ok       PostgreSQL: a database of your own is given');
    expect(text).toContain('ok       Temporal: a server of your own is given: temporal:7233');
    expect(text).not.toContain('CRIU');
  });

  it('tells what stops the start from what only makes it less', () => {
    const finding = { ok: false, detail: 'gone', mend: 'get it' };
    expect(diagnosis({ title: 'A', need: 'always' }, finding)).toBe('MISSING  A: gone\n         get it');
    expect(diagnosis({ title: 'A', need: 'extra' }, finding)).toBe('missing  A: gone\n         get it');
    expect(diagnosis({ title: 'A', need: 'extra' }, { ok: true, detail: 'here', mend: '' })).toBe('ok       A: here');
  });
});
