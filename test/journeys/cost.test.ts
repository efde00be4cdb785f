import type { Browser } from 'playwright-core';
import { jsonOf } from '../../bench/harness/http-probe';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  await until(
    'something is in the ledger',
    async () => jsonOf<{ items: unknown[] }>(await platform.probe.send('/v1/cost/ledger?sum=true')).items.length > 0,
    200_000,
  );
}, 240_000);
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

test('spend, statement, recommendations, a check of the ledger and prices are shown, and what is wrong is told at its field', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'cost' });
  await page.locator('.uplot').first().waitFor();
  await page
    .getByRole('region', { name: /Components, in all/ })
    .getByRole('row')
    .filter({ hasText: 'request' })
    .waitFor();
  await shot('cost-spend');
  expect(await violations()).toEqual([]);

  await page.getByRole('tab', { name: 'Statement' }).click();
  await page
    .getByRole('region', { name: /Functions in/ })
    .getByRole('row')
    .nth(1)
    .waitFor();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV' }).click();
  expect((await saved).suggestedFilename()).toMatch(/^presage-default-\d{4}-\d{2}-csv\.csv$/);
  await shot('cost-statement');
  expect(await violations()).toEqual([]);

  await page.getByRole('tab', { name: 'Recommendations' }).click();
  await page.getByLabel('Look at').fill('1s');
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.locator('.field').getByRole('alert').filter({ hasText: '1m to 7d' }).waitFor();
  await page.getByLabel('Look at').fill('10m');
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.getByText(/^\d+ found\.$/).waitFor({ timeout: 60_000 });
  await shot('cost-recommendations');
  expect(await violations()).toEqual([]);

  await page.getByRole('tab', { name: 'Ledger check' }).click();
  await page.getByLabel('Window', { exact: true }).fill('a while');
  await page.getByLabel('Until').fill('noon');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  for (const label of ['Window', 'Until']) {
    await page
      .locator('.field')
      .filter({ has: page.getByLabel(label, { exact: true }) })
      .getByRole('alert')
      .waitFor();
  }
  await page.getByLabel('Window', { exact: true }).fill('10m');
  await page.getByLabel('Until').fill('');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText('all sums agree').waitFor({ timeout: 60_000 });
  await shot('cost-check');
  expect(await violations()).toEqual([]);

  await page.getByRole('tab', { name: 'Prices' }).click();
  await page.getByRole('row').filter({ hasText: 'a core that works for a second' }).waitFor();
  await shot('cost-prices');
  expect(await violations()).toEqual([]);
  await close();
}, 240_000);
