import type { Browser } from 'playwright-core';
import type { FunctionDetail } from '../../gateway/api/routes/functions-routes';
import { jsonOf } from '../../bench/harness/http-probe';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

const NAME = 'shifter';

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  for (const version of ['one', 'two', 'three']) {
    await platform.deploy(NAME, {}, { 'index.js': `exports.handler = () => '${version}';` });
  }
}, 240_000);
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

async function weightsOf(alias: string): Promise<unknown> {
  const { aliases } = jsonOf<FunctionDetail>(await platform.probe.send(`/v1/functions/${NAME}`));
  return aliases.find((each) => each.name === alias)?.weights;
}

test('traffic is rolled back, shifted by weights and promoted from the browser', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: `functions/${NAME}?tab=revisions` });
  await page.getByRole('button', { name: 'Roll back to revision 2' }).click();
  await page.getByText(`presage rollback ${NAME}`).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await page.getByText('served by revision 2.').waitFor();
  expect(await weightsOf('live')).toEqual([{ revision: 2, weight: 100 }]);
  await until('revision 2 answers', async () => (await platform.invoke(NAME)).body === 'two');

  await page.getByLabel('Revision 2, %').fill('all');
  await page.getByText('must be a whole number from 0 to 100; write e.g. 10').waitFor();
  await page.getByLabel('Revision 2, %').fill('40');
  await page.getByLabel('Revision 3, %').fill('50');
  await page.getByText('The weights sum to 90 %: they must sum to 100.').waitFor();
  await page.getByRole('button', { name: 'Shift traffic of live' }).click();
  await page.getByRole('alert').getByText('the weights sum to 90, not 100').first().waitFor();
  expect(await weightsOf('live')).toEqual([{ revision: 2, weight: 100 }]);
  await shot('shift-bad-input');
  expect(await violations()).toEqual([]);
  await page.getByLabel('Revision 3, %').fill('60');
  await page.getByRole('button', { name: 'Shift traffic of live' }).click();
  await page.getByText('served by revision 2 (40 %), 3 (60 %).').waitFor();
  const answers = await until('both answer', async () => {
    const seen = new Set<string>();
    for (let call = 0; call < 20; call++) seen.add((await platform.invoke(NAME)).body);
    return seen.size === 2 && [...seen].sort();
  });
  expect(answers).toEqual(['three', 'two']);
  await shot('shifted');

  await page.getByRole('button', { name: 'Promote revision 3' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click();
  await page.getByText('served by revision 3.').waitFor();
  expect(await weightsOf('live')).toEqual([{ revision: 3, weight: 100 }]);
  await close();
});

test('an alias is made, called and deleted; one that was changed meanwhile is not overwritten', async () => {
  const { page, close } = await openConsole(browser, { at: `functions/${NAME}?tab=revisions` });
  await page.getByLabel('Alias').selectOption('a new one…');
  await page.getByText('give it a name, e.g. canary').waitFor();
  await page.getByLabel('Its name').fill('Canary!');
  await page.getByLabel('Revision 1, %').fill('100');
  await page.getByRole('button', { name: 'Make the alias' }).click();
  await page
    .locator('.field')
    .filter({ hasText: 'Its name' })
    .getByRole('alert')
    .filter({ hasText: 'must be 1-63' })
    .waitFor();
  await page.getByLabel('Its name').fill('canary');
  await page.getByRole('button', { name: 'Make the alias' }).click();
  await page.getByLabel('Alias').locator('option', { hasText: 'canary' }).waitFor({ state: 'attached' });
  expect(await weightsOf('canary')).toEqual([{ revision: 1, weight: 100 }]);
  const canary = () => platform.probe.send(`/fn/default/${NAME}@canary/`);
  await until('revision 1 answers', async () => (await canary()).body === 'one');

  await page.getByLabel('Alias').selectOption('canary');
  await page.getByRole('button', { name: 'Delete canary' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
  await until('it is gone', async () => (await weightsOf('canary')) === undefined);
  await close();
});
