import { BLANK_RUNTIMES } from '../../../../drivers/sandbox/blank';
import { testRunSpec } from '../run-spec';
import type { SandboxTrial } from '../sandbox-trial';

/** Runtimes that were booted without code. */
export function describeBlanks(trial: SandboxTrial): void {
  test.each(BLANK_RUNTIMES)(
    'a blank %s becomes an instance like any other',
    async (runtime) => {
      if (!(await trial.able('blanks'))) return;
      const change = { network: 'egress', secretEnv: { TOKEN: 'one' } } as const;
      const ordinary = await trial.launch(runtime, change);
      const sandbox = await trial.launchFrom('blank', runtime, change);
      expect(((await trial.json(sandbox, '/names')) as string[]).sort()).toEqual(
        ((await trial.json(ordinary, '/names')) as string[]).sort(),
      );
      for (const name of ['PATH', 'HOME', 'PRESAGE_CODE', 'PRESAGE_HANDLER', 'TOKEN']) {
        const wanted = (await trial.talk(ordinary, `/env?name=${name}`)).text;
        expect((await trial.talk(sandbox, `/env?name=${name}`)).text).toBe(wanted);
      }
    },
    60_000,
  );

  const kind = { runtime: 'nodejs', network: 'egress' } as const;
  const run = testRunSpec('nodejs', { network: 'egress' });

  test('no blanks where the driver cannot have them; one that is not used may be ended, more than once', async () => {
    const id = trial.newId();
    if (!(await trial.able('blanks'))) {
      await expect(trial.driver.startBlank(id, kind)).rejects.toMatchObject({ code: 'unsupported' });
      return;
    }
    expect((await trial.driver.startBlank(id, kind)).memoryBytes).toBeGreaterThan(0);
    expect((await trial.driver.stats(id)).memoryBytes).toBeGreaterThan(0);
    await trial.driver.destroy(id);
    await trial.driver.destroy(id);
    await expect(trial.driver.stats(id)).rejects.toMatchObject({ code: 'not_found' });
  }, 60_000);

  test('a blank becomes one instance only, of its own kind; failures leave nothing', async () => {
    if (!(await trial.able('blanks'))) return;
    const codeDir = trial.codeDir('nodejs');
    const [taken, wrong] = [trial.newId(), trial.newId()];
    await trial.driver.startBlank(taken, kind);
    await trial.specialise(taken, 'nodejs', run);
    const again = trial.driver.specialise(taken, { id: trial.newId(), run, codeDir });
    await expect(again).rejects.toMatchObject({ code: 'not_found' });

    for (const other of [{ runtime: 'python' }, { network: 'none' }] as const) {
      await trial.driver.startBlank(wrong, { ...kind, ...other });
      const odd = trial.newId();
      const misfit = trial.driver.specialise(wrong, { id: odd, run, codeDir });
      await expect(misfit).rejects.toMatchObject({ code: 'start_failed' });
      await expect(trial.driver.stats(wrong)).rejects.toMatchObject({ code: 'not_found' });
      await trial.expectNothingOf(odd);
    }
  }, 60_000);
}
