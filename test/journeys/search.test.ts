import type { Browser } from 'playwright-core';
import { openBrowser, openConsole } from './support/console-page';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

test('all is found and reached by keyboard alone', async () => {
  const { page, shot, violations, close } = await openConsole(browser);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('/');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('replay');
  await page
    .getByRole('option', { name: /replay-/ })
    .first()
    .waitFor();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('eve');
  await page.getByRole('option', { name: 'Events page' }).waitFor();
  await shot('search');
  expect(await violations()).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('replay');
  await page.getByRole('option').nth(1).waitFor();
  const second = (await page.getByRole('option').nth(1).locator('span').first().textContent()) ?? '';
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/console/functions/${second}`);

  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByRole('heading', { level: 1, name: /^Overview/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('no such thing');
  await page.getByText('Nothing is called that.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // A slash in a field is a slash.
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.getByLabel('Only with these words').fill('');
  await page.getByLabel('Only with these words').press('/');
  expect(await page.getByLabel('Only with these words').inputValue()).toBe('/');
  await close();
});
