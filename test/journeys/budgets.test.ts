import type { Browser } from 'playwright-core';
import type { TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

const CALLS = 40;
/** A crossed limit is seen by the gateway at once, and decided about within a minute. */
const DECIDED_MS = 100_000;

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  await platform.deploy('spender', {}, { 'index.js': "exports.handler = () => 'spent';" });
}, 180_000);
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

test('a budget is made, hit, and its ladder and alerts shown', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'budgets' });
  await page.getByRole('button', { name: 'New budget' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make' }).click();
  await dialog.getByText('is missing: lower case letters').waitFor();
  await dialog.getByLabel('Name').fill('tiny');
  const wrong = {
    'Limit in dollars': '0',
    'Time zone': 'Mars',
    Functions: 'nobody',
    'Kept for critical functions, percent': '400',
    'Alerts at, percent': '50, 500',
    'Secret of the webhook': 'nothing',
  };
  for (const [label, text] of Object.entries(wrong)) await dialog.getByLabel(label, { exact: true }).fill(text);
  await dialog.getByRole('button', { name: 'Make' }).click();
  for (const label of Object.keys(wrong)) {
    const field = dialog.locator('.field').filter({ has: page.getByLabel(label, { exact: true }) });
    expect([label, await field.getByRole('alert').first().textContent()]).toEqual([
      label,
      expect.stringMatching(/\w+/),
    ]);
  }
  await dialog.getByText('must be a whole number from 1 to 100').first().waitFor();
  await shot('budget-bad-input');
  expect(await violations()).toEqual([]);
  const right = {
    'Limit in dollars': '0.000001',
    'Time zone': 'UTC',
    Functions: 'spender',
    'Kept for critical functions, percent': '0',
    'Alerts at, percent': '50, 100',
    'Secret of the webhook': '',
  };
  for (const [label, text] of Object.entries(right)) await dialog.getByLabel(label, { exact: true }).fill(text);
  await dialog.getByRole('button', { name: 'Make' }).click();
  await page.getByRole('heading', { level: 1, name: 'Budget tiny' }).waitFor();

  for (let call = 0; call < CALLS; call++) await platform.invoke('spender');
  await page.locator('.badge').filter({ hasText: 'spent' }).first().waitFor({ timeout: DECIDED_MS });
  const ladder = page.getByRole('region', { name: /What is done as it runs out/ });
  await ladder.getByRole('row').filter({ hasText: 'refuse' }).locator('.badge').waitFor({ timeout: DECIDED_MS });
  expect(await ladder.getByRole('row').count()).toBe(6);
  const alerts = page.getByRole('region', { name: 'Alerts, the newest first' });
  for (const percent of ['50 %', '100 %']) await alerts.getByRole('row').filter({ hasText: percent }).first().waitFor();
  await page.locator('.uplot').first().waitFor();
  expect((await platform.invoke('spender')).status).toBe(402);
  await shot('budget-spent');
  expect(await violations()).toEqual([]);

  await page.getByRole('button', { name: 'Change' }).click();
  await dialog.getByLabel('Limit in dollars').fill('5');
  await dialog.getByRole('button', { name: 'Change' }).click();
  await page.locator('.badge').filter({ hasText: 'spent' }).first().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete it' }).click();
  await page.getByRole('heading', { level: 1, name: 'Budgets' }).waitFor();
  await page.getByRole('link', { name: 'tiny' }).waitFor({ state: 'detached' });
  await close();
}, 300_000);
