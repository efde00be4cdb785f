import { testRunSpec } from '../run-spec';
import { runs, type SandboxTrial } from '../sandbox-trial';

/** What is left of an instance that was ended, and what is said of what there is not or cannot be. */
export function describeEnds(trial: SandboxTrial): void {
  const nodeSpec = (id: string): Parameters<typeof trial.driver.create>[0] => ({
    id,
    run: testRunSpec('nodejs'),
    codeDir: trial.codeDir('nodejs'),
  });

  test('destroy leaves nothing, and may be repeated', async () => {
    const sandbox = await trial.launch('nodejs');
    await trial.destroy(sandbox.id);
    await trial.driver.destroy(sandbox.id);
    await expect(trial.talk(sandbox, '/count', { timeoutMs: 2000 })).rejects.toThrow();
    expect(runs(sandbox.pid)).toBe(false);
    await trial.exitOf(sandbox.id);
    await trial.expectNothingOf(sandbox.id);
    await trial.driver.destroy(trial.newId());
  }, 60_000);

  test('a frozen instance can be destroyed, one that was never started too', async () => {
    const sandbox = await trial.launch('nodejs');
    if (await trial.able('pause')) await trial.driver.pause(sandbox.id);
    await trial.destroy(sandbox.id);
    expect(runs(sandbox.pid)).toBe(false);
    const id = trial.newId();
    await trial.driver.create(nodeSpec(id));
    await trial.driver.destroy(id);
    await trial.expectNothingOf(id);
  }, 60_000);

  test('what it cannot do is refused as unsupported', async () => {
    const sandbox = await trial.launch('nodejs');
    const image = trial.newImage();
    const spec = nodeSpec(trial.newId());
    if (!(await trial.able('checkpoint'))) {
      await expect(trial.driver.checkpoint(sandbox.id, image)).rejects.toMatchObject({ code: 'unsupported' });
    }
    const code = (await trial.able('restore')) ? 'restore_failed' : 'unsupported';
    await expect(trial.driver.restore(spec, image)).rejects.toMatchObject({ code });
    await trial.expectNothingOf(spec.id);
  }, 60_000);

  test('an unknown instance is not found', async () => {
    await expect(trial.driver.start(trial.newId())).rejects.toMatchObject({ code: 'not_found' });
    const pause = (await trial.able('pause')) ? 'not_found' : 'unsupported';
    await expect(trial.driver.pause(trial.newId())).rejects.toMatchObject({ code: pause });
    await expect(trial.driver.stats(trial.newId())).rejects.toMatchObject({ code: 'not_found' });
  });
}
