import type { Browser } from 'playwright-core';
import type { AsyncView } from '../../gateway/api/routes/async-view';
import { jsonOf } from '../../bench/harness/http-probe';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

const NAME = 'moody';
const SOURCE = 'exports.handler = async (req, res) => { if (!process.env.OK) res.statusCode = 500; return "mended"; };';
const SPEC = { async: { retries: 1, backoff: { first: '100ms' } } };

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  await platform.deploy(NAME, SPEC, { 'index.js': SOURCE });
}, 120_000);
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

async function find(id: string): Promise<AsyncView> {
  return jsonOf<AsyncView>(await platform.probe.send(`/v1/async/${id}`));
}

test('a dead letter is inspected and, once the function is mended, redriven', async () => {
  const { stdout } = await platform.cli('invoke', NAME, '--async');
  const { id } = JSON.parse(stdout) as { id: string };
  await until('a dead letter', async () => (await find(id)).state === 'dead', 60_000);

  const { page, shot, violations, close } = await openConsole(browser, { at: 'async?state=dead' });
  await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
  await shot('dead-letters');
  expect(await violations()).toEqual([]);
  const row = page.getByRole('row').filter({ has: page.locator(`a[href$="${id}"]`) });
  await row.getByText('dead').first().waitFor();
  await row.locator(`a[href$="${id}"]`).click();
  const tries = page.getByRole('region', { name: 'Tries that are over' }).locator('tbody tr');
  await tries.nth(1).waitFor();
  expect(await tries.count()).toBe(2);
  expect(await tries.first().textContent()).toContain('500');
  await shot('dead-letter');
  expect(await violations()).toEqual([]);

  await platform.deploy(NAME, { ...SPEC, env: { OK: '1' } }, { 'index.js': SOURCE });
  await page.getByRole('button', { name: 'Redrive' }).click();
  await page.getByText(`presage async redrive ${id}`).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Redrive' }).click();
  await page.getByText('succeeded').first().waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Show the body' }).click();
  expect(await page.getByLabel('Body of the answer').textContent()).toBe('mended');
  expect((await find(id)).state).toBe('succeeded');
  await shot('redriven');
  await close();
});
