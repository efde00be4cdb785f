import type { Browser } from 'playwright-core';
import { figuresOf } from '../../console/src/pages/overview/overview-model';
import type { OverviewView } from '../../gateway/api/routes/overview-routes';
import { openBrowser, openConsole } from './support/console-page';
import { journeys } from './support/journeys';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** Bytes that may come over the wire until the overview stands, the API's answers aside. */
const FIRST_LOAD = 150 * 1000;

test('the overview shows, under traffic, what the API says', async () => {
  const { page, shot, violations, close } = await openConsole(browser);
  const { url, keys } = journeys();
  // The gateway gives the same answer to all who ask within some seconds: then both must be of one moment.
  for (;;) {
    const shown = (await (await page.waitForResponse(/\/v1\/overview/)).json()) as OverviewView;
    const answer = await fetch(`${url}/v1/overview?window=1h`, { headers: { authorization: `Bearer ${keys.reader}` } });
    const told = (await answer.json()) as OverviewView;
    if (told.to !== shown.to) continue;
    expect(told.totals.total).toBeGreaterThan(0);
    const { hot, warm, restore, cold } = told.totals.byKind;
    expect(hot + warm + restore + cold).toBeGreaterThan(0);
    const figures = figuresOf(told);
    const values = page.locator('[data-figure] dd:first-of-type');
    await page
      .locator('[data-figure="invocations"]')
      .getByText(figures[0]?.value ?? '', { exact: true })
      .waitFor();
    const texts = await values.allTextContents();
    expect(texts.map((text) => text.replace(/^[✓!✕] /, ''))).toEqual(figures.map(({ value }) => value));
    break;
  }
  await page.getByText('In numbers').first().click();
  await page
    .getByRole('row')
    .filter({ hasText: /\d:\d\d/ })
    .first()
    .waitFor();
  await shot('overview');
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: '24h' }).click();
  await page.getByText('Invocations in each 15 minutes').first().waitFor();
  await close();
});

test('the first load is small', async () => {
  const { page, close } = await openConsole(browser, { key: null });
  let bytes = 0;
  page.on('requestfinished', (request) => {
    if (!new URL(request.url()).pathname.startsWith('/console/')) return;
    void request.sizes().then((sizes) => (bytes += sizes.responseBodySize));
  });
  await page.reload();
  await page.getByLabel('API key').fill(journeys().keys.admin);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.locator('.uplot').first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD);
  await close();
});
