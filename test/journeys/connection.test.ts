import type { Browser } from 'playwright-core';
import { Components } from '../../bench/harness/components';
import { openBrowser, openConsole } from './support/console-page';
import { journeys } from './support/journeys';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const HEAL_MS = 30_000;

test('a gateway that is gone is told, and all goes on by itself when it is back, without an event missed', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'events' });
  await page.locator('[data-connection="live"]').waitFor({ state: 'attached' });
  const components = new Components(journeys().config);
  const killed = components.kill('gateway', HEAL_MS);
  await page.getByText('The connection to the gateway is lost').waitFor();
  await shot('connection-lost');
  expect(await violations()).toEqual([]);
  expect((await killed).healedMs).not.toBeNull();
  await page.locator('[data-connection="live"]').waitFor({ state: 'attached', timeout: HEAL_MS });
  expect(await page.getByText('The connection to the gateway is lost').count()).toBe(0);
  // Something that happens afterwards comes over the stream that was opened again.
  const { url, keys } = journeys();
  const headers = { authorization: `Bearer ${keys.admin}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ limit: '1000.00', period: 'monthly', timeZone: 'UTC' });
  const set = await fetch(`${url}/v1/budgets/after-the-break`, { method: 'PUT', headers, body });
  expect(set.status).toBe(200);
  await page.getByText('budget: after-the-break').first().waitFor();
  await close();
});

test('events can be narrowed and paused', async () => {
  const { page, shot, close } = await openConsole(browser, { at: 'events' });
  await page.getByRole('row').nth(1).waitFor();
  await page.getByLabel('Only with these words').fill('deployment.succeeded');
  await page.getByText('deployment.succeeded').first().waitFor();
  const others = page.locator('tbody tr').filter({ hasNotText: 'deployment.succeeded' });
  expect(await others.count()).toBe(0);
  await page.getByLabel('Only with these words').fill('no such thing');
  await page.getByText('None of the events has these words.').waitFor();
  await page.getByLabel('Only with these words').fill('');
  await page.getByRole('button', { name: 'Pause' }).click();
  const { url, keys } = journeys();
  const headers = { authorization: `Bearer ${keys.admin}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ limit: '1000.00', period: 'monthly', timeZone: 'UTC' });
  await fetch(`${url}/v1/budgets/in-the-pause`, { method: 'PUT', headers, body });
  await page.getByText(/^paused; [1-9]/).waitFor();
  expect(await page.getByText('budget: in-the-pause').count()).toBe(0);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('budget: in-the-pause').first().waitFor();
  await shot('events');
  await close();
});
