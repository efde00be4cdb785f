import type { Browser } from 'playwright-core';
import { jsonOf } from '../../bench/harness/http-probe';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

interface Case {
  readonly state: string;
  readonly result: { readonly policies: readonly { readonly calls: number }[] } | null;
}

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  // Windows end with a whole minute: until one has, there is nothing to replay.
  await until('a window has calls', async () => (await judged()) > 0, 200_000);
}, 240_000);
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

async function judged(): Promise<number> {
  const body = JSON.stringify({ window: '10m', policies: ['none'] });
  const { id } = jsonOf<{ id: string }>(await platform.probe.send('/v1/warming/court', { method: 'POST', body }));
  const done = await until('a case is judged', async () => {
    const found = jsonOf<Case>(await platform.probe.send(`/v1/warming/court/${id}`));
    return found.state !== 'running' && found;
  });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return done.result?.policies[0]?.calls ?? 0;
}

test('a case is opened in the browser and ends in a Pareto plot with a table beside it', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'court' });
  await page.getByLabel('Policies').fill('best, presage');
  await page.getByLabel('Window', { exact: true }).fill('99d');
  await page.getByLabel('Until').fill('noon');
  await page.getByRole('button', { name: 'Replay' }).click();
  for (const label of ['Policies', 'Window', 'Until']) {
    await page
      .locator('.field')
      .filter({ has: page.getByLabel(label, { exact: true }) })
      .getByRole('alert')
      .waitFor();
  }
  await page.getByText('must be a time in UTC such as').first().waitFor();
  await shot('court-bad-input');
  expect(await violations()).toEqual([]);
  await page.getByLabel('Policies').fill('presage, fixed:10m, none');
  await page.getByLabel('Window', { exact: true }).fill('10m');
  await page.getByLabel('Until').fill('');
  await page.getByText('presage court --policies presage,fixed:10m,none --window 10m').waitFor();
  await page.getByRole('button', { name: 'Replay' }).click();

  await page.locator('[data-state="done"]').waitFor({ timeout: 60_000 });
  await page.locator('.pareto .point').first().waitFor();
  const points = await page.locator('.pareto .point').all();
  const policies = await Promise.all(points.map((point) => point.getAttribute('data-policy')));
  expect(policies.sort()).toEqual(['fixed:10m', 'none', 'presage']);
  const table = page.getByRole('region', { name: 'Policies side by side' });
  await table.getByRole('row').filter({ hasText: 'on the front' }).first().waitFor();
  expect(await table.getByRole('row').count()).toBe(4);
  await shot('court-pareto');
  expect(await violations()).toEqual([]);
  await page.getByRole('link', { name: 'Replay court' }).first().click();
  await page
    .getByRole('region', { name: 'Cases, the newest first' })
    .getByRole('row')
    .filter({ hasText: 'done' })
    .first()
    .waitFor();
  await close();
});

test('the policy in force is shown and switched; a name that is none is told', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'court' });
  const live = page.locator('[data-figure="live"] dd').first();
  await live.waitFor();
  const before = (await live.textContent()) ?? '';
  await page.getByRole('button', { name: 'Switch' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Live').fill('presages');
  await dialog.getByRole('button', { name: 'Switch' }).click();
  await dialog
    .getByText(/choose among/)
    .first()
    .waitFor();
  await shot('court-switch');
  expect(await violations()).toEqual([]);
  await dialog.getByLabel('Live').fill(before);
  await dialog.getByLabel('Challenger').fill('fixed:5m');
  await dialog.getByText('presage warming challenge fixed:5m').waitFor();
  await dialog.getByRole('button', { name: 'Switch' }).click();
  await page.locator('[data-figure="challenger"]').getByText('fixed:5m').waitFor();
  await platform.cli('warming', 'withdraw');
  await close();
});
