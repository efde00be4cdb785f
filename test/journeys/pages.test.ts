import type { Browser } from 'playwright-core';
import { openBrowser, openConsole, PHONE } from './support/console-page';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** How far the content is wider than the screen, in CSS pixels. */
const TOO_WIDE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

test('every page fits a phone and has no serious fault for who reads it otherwise, in the dark', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { options: { ...PHONE, colorScheme: 'dark' } });
  await eachPage(page, async (name) => {
    await shot(`phone-dark-${name}`);
    expect([name, await page.evaluate(TOO_WIDE)]).toEqual([name, 0]);
    expect([name, await violations()]).toEqual([name, []]);
  });
  await close();
});

test('and neither by light on a desk; who chooses the other keeps it', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { options: { colorScheme: 'light' } });
  await eachPage(page, async (name) => {
    await shot(`light-${name}`);
    expect([name, await violations()]).toEqual([name, []]);
  });
  const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await paper();
  await page.getByRole('button', { name: 'Dark' }).click();
  const dark = await paper();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await paper()).toBe(dark);
  await close();
});

async function eachPage(
  page: Awaited<ReturnType<typeof openConsole>>['page'],
  look: (name: string) => Promise<void>,
): Promise<void> {
  const links = page.getByRole('navigation').getByRole('link');
  await links.first().waitFor();
  for (const name of await links.allTextContents()) {
    await links.filter({ hasText: new RegExp(`^${name}$`) }).click();
    await page.locator('nav [aria-current]').filter({ hasText: name }).waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    await look(name.toLowerCase().replaceAll(' ', '-'));
  }
}
