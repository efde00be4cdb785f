import type { Browser, Page } from 'playwright-core';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

let browser: Browser;
let platform: TestClient;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  await platform.deploy('patient', {}, { 'index.js': "exports.handler = () => 'here';" });
}, 120_000);
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

/** What is said at a field. */
async function told(page: Page, label: string): Promise<string> {
  const control = page.getByLabel(label, { exact: true });
  const error = page.locator('.field').filter({ has: control }).getByRole('alert');
  await error.waitFor();
  expect(await control.getAttribute('aria-invalid')).toBe('true');
  // Who cannot see it hears it with the field.
  expect(await control.getAttribute('aria-describedby')).toContain((await error.getAttribute('id')) ?? 'none');
  return (await error.textContent()) ?? '';
}

test('the form of a deploy says everything that is wrong, at its field and line', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'deploy' });
  const manifest = page.getByLabel('Manifest (function.yaml)');
  const check = page.getByRole('button', { name: 'Check without deploying' });
  await manifest.fill('kind: Function\nmetadata: {name: [}\n');
  await check.click();
  expect(await told(page, 'Manifest (function.yaml)')).toMatch(/listed below/);
  await page.getByText('two spaces for each step inwards').first().waitFor();

  await manifest.fill(
    'apiVersion: presage.dev/v1\nkind: Function\nmetadata:\n  name: Wrong Name\nspec:\n  runtime: cobol\n  scale:\n    min: 5\n    max: 2\n  resources:\n    memory: lots\n',
  );
  await page.getByLabel('Content').fill('');
  await page.getByLabel('Alias').fill('LIVE!');
  await page.getByLabel('Canary steps, in percent').fill('50, 10');
  await check.click();
  await page.getByText('It cannot be deployed so').waitFor();
  const problems = page.getByRole('list', { name: 'Problems of the manifest' }).getByRole('listitem');
  const texts = await problems.allTextContents();
  expect(texts.find((text) => text.includes('metadata.name'))).toMatch(/^line 4 .*must be 1-63/);
  expect(texts.find((text) => text.includes('spec.runtime'))).toMatch(/^line 6 /);
  expect(texts.find((text) => text.includes('spec.resources.memory'))).toMatch(/^line 11 .*128Mi/);
  expect(await told(page, 'Content')).toContain('write the handler');
  expect(await told(page, 'Alias')).toContain('write e.g. live or canary');
  expect(await told(page, 'Canary steps, in percent')).toContain('write e.g. 10, 50');
  await shot('deploy-bad-input');
  expect(await violations()).toEqual([]);
  // A problem leads to its line.
  await problems.filter({ hasText: 'spec.runtime' }).getByRole('button').click();
  expect(await page.evaluate('document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)')).toBe('  runtime: cobol'); // prettier-ignore
  await page.getByLabel('File', { exact: true }).fill('../index.js');
  await page.getByLabel('Content').fill('exports.handler = () => 1;');
  await check.click();
  await page.getByText('without ".."').waitFor();
  await close();
});

test('a call that cannot be sent says why, and how it can', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'functions/patient?tab=try' });
  await page.getByLabel('Method').selectOption('POST');
  await page.getByLabel('Path').fill('orders');
  await page.getByLabel('Headers').fill('x-test: 1\nhost: example.com\nno header');
  await page.getByLabel('Body').fill('{"a": }');
  let sent = false;
  page.on('request', (request) => (sent ||= request.url().includes('/fn/')));
  await page.getByRole('button', { name: 'Send' }).click();
  expect(await told(page, 'Path')).toContain('write e.g. /orders');
  expect(await told(page, 'Headers')).toContain('line 2: browsers do not let host be set');
  expect(await told(page, 'Headers')).toContain('line 3: write "Name: value"');
  expect(await told(page, 'Body')).toContain('is not JSON');
  expect(sent).toBe(false);
  await shot('try-bad-input');
  expect(await violations()).toEqual([]);
  await close();
});

test('keys, secrets and limits say what is wrong with them, and do what is right', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: 'access' });
  await page.getByLabel('Works for').fill('soon');
  await page.getByLabel('invoke: call functions').uncheck();
  await page.getByRole('button', { name: 'Make the key' }).click();
  expect(await told(page, 'Name')).toContain('e.g. ci');
  expect(await told(page, 'Works for')).toContain('write e.g. 90d');
  await page.getByText('choose what the key may do').waitFor();
  await shot('access-bad-input');
  expect(await violations()).toEqual([]);
  await page.getByLabel('Name').fill('robot');
  await page.getByLabel('Works for').fill('1h');
  await page.getByLabel('read: see everything of the tenant').check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  const key = (await page.locator('[data-key]').textContent()) ?? '';
  const ask = async () => (await fetch(new URL('/v1/functions', page.url()), { headers: { authorization: `Bearer ${key.trim()}` } })).status; // prettier-ignore
  expect(await ask()).toBe(200);
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: 'I have it' }).click();

  await page.getByRole('button', { name: 'Limit robot' }).click();
  await page.getByLabel('Requests').fill('many');
  expect(await told(page, 'Requests')).toContain('write e.g. 100/1s');
  await page.getByLabel('Requests').fill('5/1500ms');
  await page.getByRole('button', { name: 'Set it' }).click();
  await page.getByText('must be whole seconds, 1s to 24h').first().waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Rotate robot' }).click();
  await page.getByLabel('The secret before works for').fill('8d');
  await page.getByRole('button', { name: 'Rotate it' }).click();
  await page.getByRole('alert').filter({ hasText: 'overlapSeconds' }).waitFor();
  await page.getByLabel('The secret before works for').fill('1h');
  await page.getByRole('button', { name: 'Rotate it' }).click();
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('button', { name: 'Revoke robot' }).click();
  await page.getByRole('button', { name: 'Revoke it' }).click();
  await until('it is refused', async () => (await ask()) === 401);

  await page.getByRole('tab', { name: 'Secrets' }).click();
  await page.getByRole('button', { name: 'Set the secret' }).click();
  expect(await told(page, 'Name')).toContain('e.g. database-url');
  expect(await told(page, 'Value')).toContain('write the value');
  await page.getByLabel('Name').fill('My Secret');
  await page.getByLabel('Value').fill('x');
  await page.getByRole('button', { name: 'Set the secret' }).click();
  expect(await told(page, 'Name')).toContain('must be 1-63');
  await page.getByLabel('Name').fill('my-secret');
  await page.getByRole('button', { name: 'Set the secret' }).click();
  await page.getByText('my-secret is set').waitFor();
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: 'Delete my-secret' }).click();
  await page.getByRole('button', { name: 'Delete it' }).click();
  await page.getByRole('button', { name: 'Delete my-secret' }).waitFor({ state: 'detached' });

  await page.getByRole('tab', { name: 'Limits' }).click();
  await page.getByLabel('Requests of all functions together').fill('fast');
  await page.getByLabel('Requests in flight at once').fill('two');
  expect(await told(page, 'Requests of all functions together')).toContain('write e.g. 100/1s');
  expect(await told(page, 'Requests in flight at once')).toContain('write e.g. 200');
  await page.getByLabel('Requests of all functions together').fill('');
  await page.getByLabel('Requests in flight at once').fill('0.5');
  await page.getByRole('button', { name: 'Set the limits' }).click();
  expect(await told(page, 'Requests in flight at once')).not.toBe('');
  await shot('limits-bad-input');
  expect(await violations()).toEqual([]);

  await page.getByRole('tab', { name: 'Audit log' }).click();
  await page.getByText('revokeKey').first().waitFor();
  await shot('audit');
  expect(await violations()).toEqual([]);
  await close();
});

test('an id that leads nowhere is told so', async () => {
  const { page, close } = await openConsole(browser, { at: 'invocations' });
  await page.getByRole('button', { name: 'Explain it' }).click();
  expect(await told(page, 'Id')).toContain('x-request-id');
  await page.getByLabel('Id').fill('nothing');
  await page.getByRole('button', { name: 'Explain it' }).click();
  await page.getByRole('alert').getByText('There is no invocation nothing').waitFor();
  await page.goto(page.url().replace(/invocations.*/, 'functions/nowhere'));
  await page.getByRole('alert').getByText('There is no function nowhere').waitFor();
  await close();
});
