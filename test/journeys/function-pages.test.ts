import type { Browser, Page } from 'playwright-core';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';
import { journeys } from './support/journeys';

const NAME = 'shows-a-page';
/** A page that looks for the key that the console keeps, and says what it could do. */
const HANDLER = `exports.handler = async (req, res) => {
  res.setHeader('content-type', 'text/html');
  res.end(\`<script>
    let read;
    try { read = JSON.stringify(Object.values(sessionStorage)); } catch (error) { read = error.name; }
    document.title = 'read ' + read;
  </script>\`);
};`;

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  await platform.deploy(NAME, { public: true }, { 'index.js': HANDLER });
});
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

const titleOf = (page: Page): Promise<string> =>
  until('the page’s script', async () => {
    const title = await page.title();
    return title.startsWith('read') && title;
  });

test('the page of a function does not get at the key with which somebody is at the console', async () => {
  const { page, close } = await openConsole(browser);
  const { url, keys } = journeys();
  expect(await page.evaluate('JSON.stringify(Object.values(sessionStorage))')).toContain(keys.admin);
  // The same tab, as a link to the function would.
  await page.goto(`${url}/fn/default/${NAME}/`);
  expect(await titleOf(page)).toBe('read SecurityError');
  await page.goto(`${url}/console/`);
  await page.getByRole('navigation').first().waitFor();
  await close();
});

test('at its own host it is a page like any other', async () => {
  const page = await browser.newPage();
  const { port } = new URL(journeys().url);
  await page.goto(`http://${NAME}.default.fn.localhost:${port}/`);
  expect(await titleOf(page)).toBe('read []');
  await page.close();
});
