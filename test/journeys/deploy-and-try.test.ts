import type { Browser, Page } from 'playwright-core';
import type { InvocationView } from '../../gateway/api/routes/invocations-routes';
import { jsonOf } from '../../bench/harness/http-probe';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

const NAME = 'from-browser';
const HANDLER = `exports.handler = async (req, res) => {
  console.log('a line of', req.method);
  res.statusCode = 201;
  return { hello: req.query.name, got: req.body };
};`;

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
});
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

/** Kind and id of the newest answer, as the tab shows them. */
async function shownStart(page: Page): Promise<{ kind: string | null; id: string }> {
  const link = page.getByRole('link', { name: 'Where its time went, and what it cost' });
  const href = await link.getAttribute('href');
  return {
    kind: await page.locator('[data-kind]').first().getAttribute('data-kind'),
    id: href?.split('/').at(-1) ?? '',
  };
}

const recorded = (id: string): Promise<InvocationView> =>
  until(`the record of ${id}`, async () => {
    const answer = await platform.probe.send(`/v1/invocations/${id}`);
    return answer.status === 200 && jsonOf<InvocationView>(answer);
  });

test('a function is written, deployed and tried in the browser', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'deploy' });
  const manifest = page.getByLabel('Manifest (function.yaml)');
  await manifest.fill((await manifest.inputValue()).replace('name: hello', `name: ${NAME}`));
  await page.getByLabel('Content').fill(HANDLER);
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: 'Check without deploying' }).click();
  await page.getByText('All is well: it can be deployed.').waitFor();
  expect((await platform.probe.send(`/v1/functions/${NAME}`)).status).toBe(404);

  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByText('Revision 1 is ready.').waitFor({ timeout: 90_000 });
  await shot('deployed');
  expect(await violations()).toEqual([]);
  // The same again is the same revision.
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByRole('heading', { name: 'Nothing has changed' }).waitFor();
  await page.getByRole('link', { name: NAME }).click();

  await page.getByRole('tab', { name: 'Try it' }).click();
  await page.getByLabel('Method').selectOption('POST');
  await page.getByLabel('Path').fill('/?name=ann');
  await page.getByLabel('Body').fill('{"order": 7}');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('201 Created').waitFor({ timeout: 60_000 });
  expect(JSON.parse((await page.getByLabel('Body of the answer').textContent()) ?? '')).toEqual({
    hello: 'ann',
    got: { order: 7 },
  });
  const { kind, id } = await shownStart(page);
  const record = await recorded(id);
  expect([kind, record.status, record.method]).toEqual([record.kind, 201, 'POST']);
  await shot('tried');
  expect(await violations()).toEqual([]);

  await page.getByRole('tab', { name: 'Logs' }).click();
  await page.getByRole('log').getByText('a line of POST').waitFor();
  await page.getByRole('link', { name: `Invocation ${id}` }).click();
  await page.getByRole('heading', { name: 'What it cost' }).waitFor();
  await page.getByText('The parts sum to the whole exactly.').waitFor();
  const rows = page.getByRole('region', { name: 'Phases in order; they sum to the total' }).getByRole('row');
  expect(await rows.last().textContent()).toMatch(/^In all.*100 %$/);
  await shot('explanation');
  expect(await violations()).toEqual([]);
  await close();
});

test('an asynchronous try is followed to its end', async () => {
  const { page, close } = await openConsole(browser, { at: `functions/${NAME}?tab=try` });
  await page.getByLabel('Path').fill('/?name=bo');
  await page.getByLabel('do not wait (asynchronous)').check();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('202 Accepted').waitFor();
  await page.locator('[data-async="succeeded"]').waitFor({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Its tries' }).click();
  await page.getByRole('button', { name: 'Show the body' }).click();
  expect(await page.getByLabel('Body of the answer').textContent()).toContain('bo');
  await close();
});

test('a function is deleted from the list, which shows what each does', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'functions' });
  const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: NAME }) });
  await row.getByText('serving').waitFor();
  await page.getByLabel('Search').fill(NAME);
  await page.getByText(/^1 of \d+ functions/).waitFor();
  await page.getByLabel('Search').fill('');
  await page.getByLabel('Order').selectOption('requests');
  await shot('functions');
  expect(await violations()).toEqual([]);
  await row.getByRole('button', { name: `Delete ${NAME}` }).click();
  await page.getByText(`presage delete ${NAME}`).waitFor();
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: 'Delete it' }).click();
  await row.waitFor({ state: 'detached' });
  expect((await platform.probe.send(`/v1/functions/${NAME}`)).status).toBe(404);
  await close();
});
