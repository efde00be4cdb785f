import type { Browser } from 'playwright-core';
import { jsonOf } from '../../bench/harness/http-probe';
import type { TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

let browser: Browser;
let platform: TestClient;
let ended = false;
let load: Promise<number[]>;

beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  const tier = { prefer: 'central' as const, allow: ['edge' as const, 'central' as const] };
  await platform.deploy(
    'mover',
    { tier, scale: { keepAlive: '10m' } },
    { 'index.js': "exports.handler = () => 'here';" },
  );
  // Somebody calls it all the while.
  load = (async () => {
    const statuses: number[] = [];
    while (!ended) {
      statuses.push((await platform.invoke('mover')).status);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return statuses;
  })();
}, 180_000);
afterAll(async () => {
  ended = true;
  await load;
  platform.probe.close();
  await browser.close();
});

test('a migration is started, watched and aborted from the browser, and no request fails', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'migrations' });
  await page.getByRole('button', { name: 'Move it' }).click();
  await page.getByText('is missing: choose the function that moves').waitFor();
  await page.getByText('is missing: choose the node that it moves to').waitFor();
  await page.getByLabel('Function', { exact: true }).selectOption('mover');
  await page.getByLabel('To', { exact: true }).selectOption('edge-1');
  await page.getByLabel('Steps of traffic').fill('5, half');
  await page.getByLabel('Seconds at each step').fill('soon');
  await page.getByRole('button', { name: 'Move it' }).click();
  for (const label of ['Steps of traffic', 'Seconds at each step']) {
    await page.locator('.field').filter({ hasText: label }).getByRole('alert').waitFor();
  }
  await shot('migration-bad-input');
  expect(await violations()).toEqual([]);
  await page.getByLabel('Steps of traffic').fill('25, 50');
  await page.getByLabel('Seconds at each step').fill('60');
  await page.getByText('presage migrate mover --to edge-1 --approve').waitFor();
  await page.getByRole('button', { name: 'Move it' }).click();

  await page.getByText('waits for approval').waitFor({ timeout: 60_000 });
  const link = page.getByRole('link', { name: /migrate\/default\/mover/ });
  expect(await link.getAttribute('href')).toMatch(
    /^http:.*\/namespaces\/default\/workflows\/migrate%2Fdefault%2Fmover$/,
  );
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  const target = page.getByRole('region', { name: 'Traffic by node' }).getByRole('row').filter({ hasText: 'edge-1' });
  await target.filter({ hasText: '25 %' }).waitFor({ timeout: 60_000 });
  await shot('migration-under-way');
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: 'Abort' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why').fill('not today');
  await dialog.getByRole('button', { name: 'Abort the migration' }).click();
  await page.locator('[data-state="rolled-back"]').filter({ hasText: 'not today' }).waitFor({ timeout: 60_000 });
  await target.getByRole('cell', { name: '0 %', exact: true }).waitFor();
  await shot('migration-aborted');

  ended = true;
  const statuses = await load;
  expect(statuses.length).toBeGreaterThan(20);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await page.getByRole('link', { name: 'Migrations' }).first().click();
  await page.getByRole('row').filter({ hasText: 'mover' }).filter({ hasText: 'rolled back' }).waitFor();
  await close();
});

test('every workflow and schedule has its way into the Temporal UI, which has a page there', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'workflows' });
  await page.getByRole('row', { name: /^warm-pools .*warmPools/ }).waitFor();
  await page.getByLabel('Kind').fill('deployFunction');
  const link = page.getByRole('link', { name: /deploy\/default\/mover\/1/ });
  await link.waitFor();
  const url = (await link.getAttribute('href')) ?? '';
  expect((await fetch(url)).status).toBe(200);
  await shot('workflows');
  expect(await violations()).toEqual([]);
  await page.getByLabel('Kind').fill("x' OR 1");
  await page.getByText('must be the name of a workflow').first().waitFor();
  await page.getByLabel('Kind').fill('migrateFunction');
  await page.getByRole('link', { name: /migrate\/default\/mover/ }).waitFor();
  await close();
});

test('who operates no platform is told who sees workflows, and one that is not there is said to be so', async () => {
  const { page, close } = await openConsole(browser, { at: 'workflows', key: 'reader' });
  await page.locator('[data-missing-scope="admin"]').waitFor();
  await page.goto(page.url().replace('workflows', 'migrations/nothing'));
  await page.getByText('There is no migration nothing.').waitFor();
  const { status } = await platform.probe.send('/v1/migrations/nothing');
  expect([status, jsonOf<{ status: string }>(await platform.probe.send('/v1/status')).status]).toEqual([404, 'ready']);
  await close();
});
