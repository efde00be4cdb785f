import { mkdirSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { needBrowser } from '../../../workers/all/prerequisites/browser';
import { journeys, type Journeys } from './journeys';

const ARTEFACTS = path.resolve(__dirname, '../../../test-artefacts/console');
const LABEL = 'API key';

/** A screen that many phones have. */
export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export interface ConsolePage {
  readonly page: Page;
  /** Keeps what is shown in test-artefacts/console/NAME.png. */
  shot(name: string): Promise<void>;
  /** What axe finds on the page that is serious or critical, as text. */
  violations(): Promise<readonly string[]>;
  /** Ends it. @throws Error when a script of the page has failed, or its policy has refused something */
  close(): Promise<void>;
}

/** The system's Chromium, for one file of journeys. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: needBrowser(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A tab of its own at a page of the console, e.g. `events`; logged in with `key` unless that is null. */
export async function openConsole(
  browser: Browser,
  where: { at?: string; key?: keyof Journeys['keys'] | null; options?: BrowserContextOptions } = {},
): Promise<ConsolePage> {
  const { at = '', key = 'admin', options = {} } = where;
  const { url, keys } = journeys();
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const broken: string[] = [];
  page.on('pageerror', (error) => broken.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Uncaught/.test(message.text())) broken.push(message.text());
  });
  await page.goto(`${url}/console/${at}`);
  if (key !== null) await logIn(page, keys[key]);
  return {
    page,
    shot: async (name) => {
      mkdirSync(ARTEFACTS, { recursive: true });
      await page.screenshot({ path: path.join(ARTEFACTS, `${name}.png`), fullPage: true });
    },
    violations: () => violationsOn(page),
    close: async () => {
      await context.close();
      if (broken.length > 0) throw new Error(`The console failed in the browser: ${broken.join('; ')}`);
    },
  };
}

/** Puts a key into the login; resolves when it is answered either way. */
export async function logIn(page: Page, key: string): Promise<void> {
  await page.getByLabel(LABEL).fill(key);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation').or(page.getByRole('alert')).first().waitFor();
}

async function violationsOn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
