import type { Browser } from 'playwright-core';
import { openBrowser, openConsole } from './support/console-page';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

test('a session without rights is told on each page which right is missing, and who gives it', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { key: 'none' });
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() === 403) refused.push(response.url());
  });
  for (const link of await page.getByRole('navigation').getByRole('link').all()) {
    const name = (await link.textContent()) ?? '';
    await link.click();
    const note = page.locator('[data-missing-scope]').first();
    await note.waitFor();
    expect([name, await note.textContent()]).toEqual([name, expect.stringContaining('yours has invoke')]);
    expect([name, await note.textContent()]).toEqual([name, expect.stringContaining('presage key create')]);
  }
  await shot('no-rights');
  expect(await violations()).toEqual([]);
  // Nothing is asked for that is sure to be refused.
  expect(refused).toEqual([]);
  await close();
});

test('a person whom the issuer gives no role gets in, and is told the same', async () => {
  const { page, close } = await openConsole(browser, { key: null });
  await page.getByRole('button', { name: /^Log in with/ }).click();
  await page.getByRole('button', { name: 'bob' }).click();
  await page.getByText('yours has none').first().waitFor();
  await close();
});
