import { isDeepStrictEqual } from 'node:util';
import type { Browser } from 'playwright-core';
import { rungOfInstance } from '../../core/agent/instance-rung';
import type { ForecastView } from '../../gateway/api/routes/forecast-routes';
import type { ListedFunction } from '../../gateway/api/routes/functions-routes';
import type { InstanceView } from '../../gateway/api/routes/instances-routes';
import type { InvocationView } from '../../gateway/api/routes/invocations-routes';
import { jsonOf } from '../../bench/harness/http-probe';
import { until, type TestClient } from '../e2e/support/test-platform';
import { openBrowser, openConsole } from './support/console-page';
import { journeyClient } from './support/journey-client';

jest.setTimeout(300_000);

let browser: Browser;
let platform: TestClient;
let name: string;
beforeAll(async () => {
  browser = await openBrowser();
  platform = journeyClient();
  // The one that the replayed traffic calls most.
  name = await until('traffic', async () => {
    const { items } = jsonOf<{ items: ListedFunction[] }>(await platform.probe.send('/v1/functions?activity=true'));
    const requests = ({ activity }: ListedFunction) => (activity?.minutes ?? []).reduce((sum, count) => sum + count, 0);
    const [most] = items.filter((fn) => fn.name.startsWith('replay-')).sort((a, b) => requests(b) - requests(a));
    return most && requests(most) > 5 && most.name;
  });
});
afterAll(async () => {
  platform.probe.close();
  await browser.close();
});

test('invocations appear as they happen, each with the start kind that the API tells', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: `functions/${name}` });
  const rows = page.getByRole('region', { name: `Invocations of ${name}, newest first` }).locator('tbody tr');
  await rows.first().waitFor();
  const idOf = async (row = rows.first()) =>
    (await row.getByRole('link').getAttribute('href'))?.split('/').at(-1) ?? '';
  const first = await idOf();
  await until('another invocation', async () => (await idOf()) !== first, 120_000);
  await page.getByRole('button', { name: 'Hold still' }).click();
  await shot('function-live');
  expect(await violations()).toEqual([]);
  const shown = await Promise.all(
    (await rows.all())
      .slice(0, 8)
      .map(async (row) => [await idOf(row), await row.locator('[data-kind]').getAttribute('data-kind')]),
  );
  expect(shown.length).toBeGreaterThan(1);
  for (const [id, kind] of shown) {
    const record = jsonOf<InvocationView>(await platform.probe.send(`/v1/invocations/${id ?? ''}`));
    expect([id, kind]).toEqual([id, record.kind]);
  }
  await close();
});

test('the forecast is drawn with its band, beside what came', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: `functions/${name}?tab=forecast` });
  // The first forecast comes with the first full minute after the first request.
  const next = page.locator('[data-figure="next-10"] dd').first();
  await next.waitFor({ timeout: 180_000 });
  await page.getByText('In numbers').click();
  const rows = page.getByRole('region', { name: /in numbers$/ }).locator('tbody tr');
  const told = async (at: number) => rows.nth(at).locator('td').allTextContents();
  const text = (value: number | undefined) => String(Number((value ?? NaN).toPrecision(4)));
  await until('the forecast that the API tells', async () => {
    const answer = await platform.probe.send(`/v1/functions/${name}/forecast?history=60`);
    const { mean, quantiles, history } = jsonOf<ForecastView>(answer);
    // The upper edge of the band, what is expected, and nothing yet of what came; before it, the newest minute that is over.
    const ahead = [text(quantiles['0.95']?.[9]), text(mean[9]), '–'];
    const [last, before] = [await told(-1), await told(-11)];
    return isDeepStrictEqual(last, ahead) && before.at(-1) === text(history.counts.at(-1));
  });
  expect(await page.locator('.uplot canvas').count()).toBeGreaterThan(0);
  await shot('function-forecast');
  expect(await violations()).toEqual([]);
  await close();
});

test('instances stand on the rungs that the API says', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: `functions/${name}?tab=instances` });
  const lane = (rung: string) => page.locator(`.lane[data-rung="${rung}"]`);
  await lane('running').waitFor();
  await until('the same picture', async () => {
    const answer = await platform.probe.send(`/v1/instances?function=${name}&live=true&limit=200`);
    const { items } = jsonOf<{ items: InstanceView[] }>(answer);
    for (const rung of ['running', 'frozen']) {
      const held = items.filter(({ state }) => rungOfInstance(state) === rung).map(({ id }) => id);
      const boxes = lane(rung).locator('[data-id]');
      const shown = await Promise.all((await boxes.all()).map((box) => box.getAttribute('data-id')));
      if (!isDeepStrictEqual(shown.sort(), held.sort())) return false;
    }
    return true;
  });
  await shot('function-instances');
  expect(await violations()).toEqual([]);
  await close();
});

test('every part of the function page stands, and can be read by everybody', async () => {
  const { page, shot, violations, close } = await openConsole(browser, { at: `functions/${name}` });
  for (const tab of ['Revisions', 'Checkpoints', 'Warmth', 'Cost', 'Logs', 'Try it', 'Settings']) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tabpanel').getByRole('heading').first().waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    await shot(`function-${tab.toLowerCase().replace(' ', '-')}`);
    expect([tab, await violations()]).toEqual([tab, []]);
  }
  // Arrow keys go from part to part.
  await page.keyboard.press('Home');
  await page.getByRole('tab', { name: 'Live', selected: true }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tab', { name: 'Forecast', selected: true }).waitFor();
  await close();
});
