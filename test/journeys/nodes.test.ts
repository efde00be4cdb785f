import type { Browser } from 'playwright-core';
import { jsonOf } from '../../bench/harness/http-probe';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

const CALLS = 20;
const CART = `exports.handler = async () => {
  const url = process.env.PRESAGE_GATEWAY_URL + '/fn/' + process.env.PRESAGE_TENANT + '/tax/';
  return { status: (await fetch(url)).status };
};`;

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  const onCentral = { tier: { prefer: 'central' as const, allow: ['edge' as const, 'central' as const] } };
  await platform.deploy('tax', { ...onCentral, public: true }, { 'index.js': "exports.handler = () => 'taxed';" });
  await platform.deploy('cart', { ...onCentral, network: 'egress' }, { 'index.js': CART });
  for (let call = 0; call < CALLS; call++) {
    const answer = await platform.probe.send('/fn/default/cart/', { headers: { 'x-presage-region': 'eu' } });
    expect(JSON.parse(answer.body)).toEqual({ status: 200 });
  }
  await until('the calls are on the map', async () => {
    const { calls } = jsonOf<{ calls: readonly { caller: string }[] }>(await platform.probe.send('/v1/traffic-map'));
    return calls.some(({ caller }) => caller === 'cart');
  });
}, 240_000);
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

test('the map shows nodes by tier, who calls whom, and users by region', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'nodes' });
  for (const node of ['edge-1', 'central-1']) await page.locator(`[data-node="${node}"]`).waitFor();
  await page.locator('[data-edge="cart→tax"]').waitFor({ state: 'attached' });
  await page.locator('[data-edge="eu→cart"]').waitFor({ state: 'attached' });
  await page.locator('[data-node="central-1"] [data-function="cart"]').waitFor();
  await page.getByText('In tables').click();
  await page.getByRole('row').filter({ hasText: 'users in eu' }).filter({ hasText: 'cart' }).waitFor();
  await shot('nodes-map');
  expect(await violations()).toEqual([]);
  await close();
});

test('a plan is tried, its map shown before and after with costs and reasons', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'nodes/plans' });
  await page.getByLabel('Moves at most').fill('many');
  await page.getByLabel('Least saving of a move').fill('99');
  await page.getByRole('button', { name: 'Make a dry run' }).click();
  for (const label of ['Moves at most', 'Least saving of a move']) {
    await page.locator('.field').filter({ hasText: label }).getByRole('alert').waitFor();
  }
  await shot('plan-bad-input');
  for (const label of ['Moves at most', 'Least saving of a move']) await page.getByLabel(label).fill('');
  await page.getByRole('button', { name: 'Make a dry run' }).click();
  await page.getByText(/A dry run: \d+ moves? would be made/).waitFor({ timeout: 60_000 });
  const move = page.getByRole('row').filter({ hasText: 'default/cart' });
  await move.filter({ hasText: 'central-1' }).filter({ hasText: 'edge-1' }).filter({ hasText: 'saves' }).waitFor();
  await page.locator('[data-node="central-1"] .chip.leaves[data-function="cart"]').waitFor();
  await shot('plan-before');
  await page.getByRole('button', { name: 'After' }).click();
  await page.locator('[data-node="edge-1"] .chip.comes[data-function="cart"]').waitFor();
  await page.getByRole('region', { name: 'Costs by term' }).getByRole('row', { name: /^all / }).waitFor();
  await shot('plan-after');
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('dialog').getByText('presage placement plan').waitFor();
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await close();
});

test('a node is cordoned and let work again, and another may join', async () => {
  const { page, shot, close } = await openConsole(browser, { at: 'nodes' });
  await page.getByRole('button', { name: 'Cordon edge-1' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why').fill('new kernel');
  await dialog.getByText("presage node cordon edge-1 --reason 'new kernel'").waitFor();
  await dialog.getByRole('button', { name: 'Cordon it' }).click();
  const row = page.getByRole('row').filter({ hasText: 'new kernel' });
  await row.filter({ hasText: 'cordoned' }).waitFor();
  await shot('node-cordoned');
  await page.getByRole('button', { name: 'Uncordon edge-1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Uncordon it' }).click();
  await page.getByRole('button', { name: 'Cordon edge-1' }).waitFor();

  await page.getByLabel('Name of the node').fill('No Name');
  await page.getByLabel('Region', { exact: true }).fill('Über see');
  await page.getByLabel('Good for minutes').fill('0');
  await page.getByRole('button', { name: 'Make a join token' }).click();
  for (const label of ['Name of the node', 'Region', 'Good for minutes']) {
    await page.locator('.field').filter({ hasText: label }).getByRole('alert').waitFor();
  }
  await page.getByLabel('Name of the node').fill('far-1');
  await page.getByLabel('Region', { exact: true }).fill('asia');
  await page.getByLabel('Good for minutes').fill('5');
  await page.getByRole('button', { name: 'Make a join token' }).click();
  expect(await page.locator('[data-token]').textContent()).toMatch(/\S{20}/);
  await close();
});

test('who operates no platform sees the map, and who manages nodes', async () => {
  const { page, close } = await openConsole(browser, { at: 'nodes', key: 'reader' });
  await page.locator('[data-node="edge-1"]').waitFor();
  await page.getByText('Nodes are managed by platform operators').waitFor();
  await close();
});
