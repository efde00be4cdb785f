import { describeBlanks } from './contract/blanks';
import { describeEnds } from './contract/ends';
import { describeInstances } from './contract/instances';
import { describeTakeOver } from './contract/take-over';
import { SandboxTrial, type SandboxHarness } from './sandbox-trial';

/** What every sandbox driver promises. `make` is called once; instances are the test's own. */
export function describeSandboxContract(name: string, make: () => Promise<SandboxHarness>): void {
  describe(`sandbox driver: ${name}`, () => {
    const trial = new SandboxTrial();
    beforeAll(() => trial.open(make), 300_000);
    afterEach(() => trial.destroyAll(), 60_000);
    afterAll(() => trial.close(), 60_000);

    test('capabilities: whatever cannot be done has a reason', async () => {
      const { reasons, ...flags } = await trial.driver.capabilities();
      if (Object.values(flags).includes(false)) expect(reasons.length).toBeGreaterThan(0);
      for (const reason of reasons) expect(reason.length).toBeGreaterThan(10);
    });

    test('the host key is stable and tells runtimes apart', async () => {
      const key = await trial.driver.hostKey('nodejs');
      expect(await trial.driver.hostKey('nodejs')).toBe(key);
      expect(await trial.driver.hostKey('python')).not.toBe(key);
    });

    describeInstances(trial);
    describeEnds(trial);
    describeBlanks(trial);
    // Last: from here on instances belong to the second driver.
    describeTakeOver(trial);
  });
}
