import { paperProgram } from '../../cli/reference/paper-program';
import { nameOf, verbsOf } from '../../cli/verb';
import { presage } from './fake-platform';

test('help of a verb: usage, arguments, options, examples and calls; the manual has what holds for all, too', async () => {
  const short = await presage(['budget', 'set', '--help']);
  const long = await presage(['help', 'budget', 'set']);
  for (const { status, stdout } of [short, long]) {
    expect(status).toBe(0);
    expect(stdout).toMatch(/^presage budget set: make a budget/);
    expect(stdout).toContain('Usage: presage budget set [options] <budget>');
    expect(stdout).toMatch(/Options:\n {2}--limit <dollars>/);
    expect(stdout).toMatch(/Examples:\n {2}presage budget set month --limit 250/);
    expect(stdout).toMatch(/Calls:\n(.*\n)* {2}PUT \/v1\/budgets\/\{name\}/);
    for (const line of stdout.split('\n'))
      if (!line.startsWith('  presage')) expect(line.length).toBeLessThanOrEqual(100);
  }
  expect(short.stdout).not.toContain('Exit status');
  expect(long.stdout).toMatch(/Options of every verb:\n(.*\n)* {2}-o, --output <format>/);
  expect(long.stdout).toMatch(/Exit status:\n {2}0 +done/);
});

test('without a verb all verbs are named, by what they are about', async () => {
  const { stdout } = await presage(['help']);
  expect(stdout).toMatch(/What happens:\n {2}top /);
  for (const verb of verbsOf(paperProgram())) expect(stdout).toContain(`  ${nameOf(verb).split(' ')[0] ?? ''}`);
});

test('a verb that there is not', async () => {
  expect(await presage(['help', 'budget', 'sett'])).toMatchObject({ status: 3, stderr: expect.stringContaining('Did you mean budget set?') as string }); // prettier-ignore
});
