import { spawnSync } from 'node:child_process';
import { complete } from '../../cli/completion/complete';
import { paperProgram } from '../../cli/reference/paper-program';
import { FakePlatform, presage } from './fake-platform';

const program = paperProgram();
const words = (line: string): string[] => complete(program, line.split(' ')).words.map(({ word }) => word);
const kind = (line: string): string | null => complete(program, line.split(' ')).kind;

test('verbs, their verbs, and options of all levels', () => {
  expect(words('bu')).toEqual(['budget']);
  expect(words('budget s')).toEqual(['set', 'show']);
  expect(words('budgets d')).toEqual(['delete']);
  expect(words('budget set month --li')).toEqual(['--limit']);
  expect(words('budget set month --ten')).toEqual(['--tenant']);
  expect(words('')).toContain('deploy');
  expect(words('')).not.toContain('__complete');
});

test('values of options, and kinds of names', () => {
  expect(words('budget set month --period ')).toEqual(['daily', 'monthly']);
  expect(words('-o j')).toEqual(['json']);
  expect(words('completion ')).toEqual(['bash', 'zsh', 'fish']);
  expect(kind('describe ')).toBe('function');
  expect(kind('describe hello ')).toBeNull();
  expect(kind('migrate hello --to ')).toBe('node');
  expect(kind('forecast retrain one ')).toBe('function');
  expect(kind('budget show ')).toBe('budget');
});

describe('names come from the platform', () => {
  let platform: FakePlatform;
  beforeAll(async () => {
    platform = await FakePlatform.start();
  });
  afterAll(() => platform.stop());
  const asked = (...line: string[]) =>
    presage(['__complete', '--', ...line], { env: { PRESAGE_URL: platform.url, PRESAGE_API_KEY: 'psk_test' } });

  test('those that begin so', async () => {
    platform.on('GET /v1/functions', {
      items: [{ name: 'cart' }, { name: 'checkout' }, { name: 'hello' }],
      next: null,
    });
    expect(await asked('describe', 'c')).toEqual({
      status: 0,
      stdout: 'cart\tfunction\ncheckout\tfunction\n',
      stderr: '',
    });
  });

  test('none, and no word about it, where it does not answer in time or refuses', async () => {
    platform.on('GET /v1/functions', () => new Promise((resolve) => setTimeout(resolve, 5_000)));
    const began = performance.now();
    expect(await asked('describe', '')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(performance.now() - began).toBeLessThan(3_000);
    platform.reset();
    expect(await asked('describe', '')).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

test('the script for bash offers what the program says', async () => {
  const { stdout: script } = await presage(['completion', 'bash']);
  const stub = 'presage() { printf "%s|" "$#" "$@"; printf "\\tmeaning\\nsecond\\tmeaning\\n"; }';
  const line = 'COMP_WORDS=(presage budget set ""); COMP_CWORD=3; _presage; printf "%s\\n" "${COMPREPLY[@]}"';
  const { status, stdout } = spawnSync('bash', ['-c', `${stub}\n${script}\n${line}`], { encoding: 'utf8' });
  expect([status, stdout.split('\n')]).toEqual([0, ['5|__complete|--|budget|set||', 'second', '']]);
});

test.each(['zsh', 'fish'])('the script for %s asks the program', async (shell) => {
  const { status, stdout } = await presage(['completion', shell]);
  expect([status, stdout]).toEqual([0, expect.stringContaining('presage __complete -- ') as string]);
});
