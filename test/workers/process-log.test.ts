import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openProcessLog } from '../../workers/process-log';

test('lines go to the descriptor as JSON, with the name of the process', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'log-'));
  const file = path.join(folder, 'log');
  const descriptor = openSync(file, 'a');
  const log = openProcessLog('gateway', 'info', descriptor);
  log.debug('unseen');
  log.info({ event: 'seen' }, 'one line');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ name: 'gateway', event: 'seen', msg: 'one line' });
  closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

test('a full disk costs lines and nothing else', () => {
  const descriptor = openSync('/dev/full', 'a');
  const log = openProcessLog('gateway', 'info', descriptor);
  for (let line = 0; line < 3_000; line++) log.info({ padding: 'x'.repeat(1_000) }, 'no room');
  closeSync(descriptor);
});
