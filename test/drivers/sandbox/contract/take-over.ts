import type { SandboxLogLine } from '../../../../drivers/sandbox/sandbox';
import { testRunSpec } from '../run-spec';
import { runs, type SandboxTrial } from '../sandbox-trial';
import { waitFor } from '../wait-for';

/** An agent was killed, and another is started over its folders. */
export function describeTakeOver(trial: SandboxTrial): void {
  test('a second driver takes over what the first left when it died', async () => {
    const awake = await trial.launch('nodejs', { secretEnv: { TOKEN: 'for-the-function-only' } });
    const frozen = await trial.launch('python');
    await trial.json(awake, '/count');
    const pauses = await trial.able('pause');
    if (pauses) await trial.driver.pause(frozen.id);
    const [unborn, blank] = [trial.newId(), trial.newId()];
    await trial.driver.create({ id: unborn, run: testRunSpec('nodejs'), codeDir: trial.codeDir('nodejs') });
    if (await trial.able('blanks')) await trial.driver.startBlank(blank, { runtime: 'nodejs', network: 'none' });

    const second = trial.successor();
    const heard: SandboxLogLine[] = [];
    const ends: string[] = [];
    await second.open({ logged: (line) => void heard.push(line), exited: (id) => void ends.push(id) });
    const found = new Map((await second.recover()).map((each) => [each.id, each]));
    expect([...found.keys()].sort()).toEqual([awake.id, frozen.id].sort());
    expect(found.get(awake.id)).toMatchObject({ pid: awake.pid, frozen: false, run: { function: 'sample' } });
    expect(found.get(awake.id)?.run.secretEnv).toEqual({});
    expect(found.get(frozen.id)?.frozen).toBe(pauses);
    await expect(second.stats(blank)).rejects.toMatchObject({ code: 'not_found' });

    expect(await trial.json(found.get(awake.id)!, '/count')).toMatchObject({ count: 2 });
    if (pauses) await second.resume(frozen.id);
    expect(await trial.json(found.get(frozen.id)!, '/count')).toMatchObject({ count: 1 });
    if (pauses) {
      await second.pause(awake.id);
      await second.resume(awake.id);
    }
    if (!trial.except('figures')) expect((await second.stats(awake.id)).memoryBytes).toBeGreaterThan(0);
    // both drivers still read the same log pipe here, so a line may reach either
    await trial.talk(found.get(awake.id)!, '/log?text=still-heard');
    await waitFor('a line', () => [...heard, ...trial.lines].find((line) => line.text === 'still-heard'));

    await expect(trial.talk(found.get(awake.id)!, '/exit')).rejects.toThrow();
    await waitFor('the exit', () => ends.includes(awake.id));
    for (const id of [awake.id, frozen.id]) await second.destroy(id);
    expect(runs(frozen.pid)).toBe(false);
    await trial.expectNothingOf(awake.id, frozen.id, unborn);
  }, 120_000);
}
