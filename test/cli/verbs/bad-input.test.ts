import type { Option } from 'commander';
import { paperProgram } from '../../../cli/reference/paper-program';
import { nameOf, verbsOf } from '../../../cli/verb';
import { presage } from '../fake-platform';

/** What is no value of any flag that is checked here; the rest is for the platform to check, which names the field. */
const NONSENSE = '§ nonsense';
/** Lists of names, whose words only the platform knows. */
const WORDS = ['--functions', '--degrade'];

const run = (...argv: string[]) => presage(argv, { env: { PRESAGE_URL: 'http://127.0.0.1:1' } });
const checked = ({ parseArg, long }: Option): boolean => parseArg !== undefined && !WORDS.includes(long ?? '');

const VERBS = verbsOf(paperProgram())
  .map((verb) => ({ name: nameOf(verb), verb, options: verb.options.filter(checked) }))
  .filter(({ options }) => options.length > 0);

test.each(VERBS)(
  'presage $name: every flag that is wrong, and every argument that is missing, is told at once',
  async ({ name, verb, options }) => {
    const argv = [...name.split(' '), ...options.flatMap(({ long }) => [long ?? '', NONSENSE])];
    const { status, stderr } = await run(...argv);
    expect(status).toBe(2);
    for (const { flags } of options) expect(stderr).toContain(`option '${flags}' argument '${NONSENSE}' is invalid. `);
    const missing = verb.registeredArguments.find(({ required }) => required);
    if (missing) expect(stderr).toContain(`missing required argument '${missing.name()}'`);
    expect(stderr).toContain(`(presage help ${name} tells more)`);
    expect(stderr).not.toContain('unavailable');
  },
);

test('flags without a value, that do not exist, or that are needed, are told together', async () => {
  const { status, stderr } = await run('migrate', 'hello', '-o', 'xml', '--forward', '--from');
  expect(status).toBe(2);
  expect(stderr.trimEnd().split('\n')).toEqual([
    "error: option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are table, json, yaml.",
    "error: option '--from <node>' argument missing",
    "error: required option '--to <node>' not specified",
    "error: unknown option '--forward'",
    '(presage help migrate tells more)',
  ]);
});

test('a policy is checked before anything is sent', async () => {
  const { status, stderr } = await run('warming', 'use', 'fixed:soon');
  expect([status, stderr]).toEqual([2, expect.stringMatching(/'policy' value 'fixed:soon' is invalid/) as string]);
});
