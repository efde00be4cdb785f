import type { Browser } from 'playwright-core';
import { logIn, openBrowser, openConsole } from './support/console-page';
import { journeys } from './support/journeys';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const WRONG = `psk_${'a'.repeat(43)}`;

test('a wrong key is told what is wrong with it and how to get another, a right one leads in and is forgotten at the end', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { key: null });
  const button = page.getByRole('button', { name: 'Log in', exact: true });
  await button.click();
  expect(await page.getByRole('alert').textContent()).toContain('Put in an API key');
  await logIn(page, 'secret');
  expect(await page.getByRole('alert').textContent()).toContain('begin with psk_');
  expect(await page.getByLabel('API key').getAttribute('aria-invalid')).toBe('true');
  await logIn(page, WRONG);
  await page.locator('[data-status="401"]').waitFor();
  expect(await page.locator('[data-status="401"]').textContent()).toContain('key');
  await shot('login-refused');
  expect(await violations()).toEqual([]);

  await logIn(page, journeys().keys.admin);
  await page.getByRole('heading', { level: 1, name: 'Overview of default' }).waitFor();
  // The same tab stays logged in; another does not.
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Overview of default' }).waitFor();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByLabel('API key').waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('API key').waitFor();
  expect(await page.evaluate('sessionStorage.length')).toBe(0);
  await close();
});

test('a person logs in with an issuer, comes back to where they wanted to go, and may do what their role may', async () => {
  const { page, shot, close } = await openConsole(browser, { key: null, at: 'events' });
  await page.getByRole('button', { name: `Log in with ${new URL(journeys().issuer).host}` }).click();
  await page.getByRole('button', { name: 'ann' }).click();
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/console/events');
  expect(await page.getByRole('alert').count()).toBe(0);
  await shot('login-issuer');
  await close();
});

test('a login that comes to nothing at the issuer is told as that', async () => {
  const { page, close } = await openConsole(browser, { key: null });
  await page.getByRole('button', { name: /^Log in with/ }).click();
  await page.getByRole('button', { name: 'nobody' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('nobody logged in');
  // An answer that nobody has asked for is not believed.
  await page.goto(`${journeys().url}/console/callback?code=stolen&state=guessed`);
  expect(await page.getByRole('alert').textContent()).toContain('belongs to no login');
  await close();
});
