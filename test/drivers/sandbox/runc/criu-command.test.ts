import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { criuComplaint, dumpArguments, frozenTime, restoreWords } from '../../../../drivers/sandbox/runc/criu-command';

const mounts = [
  { destination: '/tmp', source: "/run/it's here/tmp", readOnly: false },
  { destination: '/var/task', source: '/code', readOnly: true },
];
const options = {
  criu: '/opt/criu',
  imageDir: '/img',
  workDir: '/w',
  root: '/r',
  mounts,
  network: '/run/netns/n',
  pipes: { output: 'pipe:[1]', errors: 'pipe:[2]' },
  mapPages: true,
};

test('dump and restore name the same external mounts', () => {
  const externals = (list: string[]): string[] =>
    list.filter((_, index) => list[index - 1] === '--external').map((each) => each.slice(0, each.indexOf(':')));
  const dumped = dumpArguments({ pid: 7, imageDir: '/img', workDir: '/w', mounts, leaveStopped: false });
  expect(externals(dumped)).toEqual(externals(restoreWords(options, null)));
  expect(dumped).toContain('--leave-running');
});

test('a restore is told its environment, then CRIU and its arguments', () => {
  const words = restoreWords(options, null);
  expect(words.slice(0, 4)).toEqual(['CRIU_TELL=1', 'CRIU_MAP_PAGES=4', 'criu', 'restore']);
  expect(words).toContain("mnt[/tmp]:/run/it's here/tmp");
  expect(words).toEqual(expect.arrayContaining(['fd[7]:pipe:[1]', 'fd[8]:pipe:[2]', 'net:/run/netns/n']));
  expect(restoreWords({ ...options, mapPages: false }, null).slice(0, 2)).toEqual(['CRIU_TELL=1', 'criu']);
});

test('files of /tmp are unpacked before CRIU runs, which gets the same arguments', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-unpack-test-'));
  try {
    const [source, tmp] = [path.join(folder, 'a'), path.join(folder, "b's")];
    mkdirSync(source);
    mkdirSync(tmp);
    writeFileSync(path.join(source, 'kept'), 'as it was');
    execFileSync('tar', ['-cf', path.join(folder, 'tmp.tar'), '-C', source, '.']);
    const unpack = { archive: path.join(folder, 'tmp.tar'), tmp };
    const criu = path.join(folder, 'criu');
    writeFileSync(criu, '#!/bin/sh\nprintf "%s\\0" "$@"\n', { mode: 0o755 });
    const words = restoreWords({ ...options, criu }, unpack).slice(2);
    const [program = '', ...rest] = words;
    const got = execFileSync(program, rest).toString().split('\0').slice(0, -1);
    expect(got).toEqual(restoreWords(options, null).slice(3));
    expect(readFileSync(path.join(tmp, 'kept'), 'utf8')).toBe('as it was');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('one pipe for output and errors is inherited once, a missing one not at all', () => {
  const inherited = (pipes: typeof options.pipes | { output: null; errors: null }): string[] =>
    restoreWords({ ...options, pipes }, null).filter((word) => word.startsWith('fd['));
  expect(inherited({ output: 'pipe:[1]', errors: 'pipe:[1]' })).toEqual(['fd[7]:pipe:[1]']);
  expect(inherited({ output: null, errors: null })).toEqual([]);
});

describe('what CRIU leaves', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-criu-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('its first telling error', () => {
    const log = path.join(folder, 'log');
    writeFileSync(
      log,
      "Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted\n" +
        '     1: Error (criu/files-reg.c:1): File x has bad size 1 (expect 2)\nError (criu/cr-restore.c:1): Restoring FAILED.\n',
    );
    expect(criuComplaint(log)).toBe('File x has bad size 1 (expect 2)');
    expect(criuComplaint(path.join(folder, 'none'))).toMatch(/no log/);
  });

  test('how long the processes stood still', () => {
    // header, then field 1 (message) with fields 1 = 300, 2 = 17500, 3 = 1 (microseconds)
    const message = [0x08, 0xac, 0x02, 0x10, 0xdc, 0x88, 0x01, 0x18, 0x01];
    writeFileSync(
      path.join(folder, 'stats-dump'),
      Buffer.from([...new Array<number>(12).fill(0), 0x0a, message.length, ...message]),
    );
    expect(frozenTime(folder)).toBe(17.5);
    expect(frozenTime(path.join(folder, 'none'))).toBeUndefined();
  });
});
