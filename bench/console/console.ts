import { chromium, type Browser } from 'playwright-core';
import { needBrowser } from '../../workers/all/prerequisites/browser';
import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { Components } from '../harness/components';
import { deployVariant } from '../harness/deploy-variant';
import { jsonOf, openProbe, type Probe } from '../harness/http-probe';
import { inTurns } from '../harness/in-turns';
import { textOf } from '../harness/kernel-files';
import { startPlatform, type PrivatePlatform } from '../harness/platform';
import { figure } from '../harness/report';
import { quantile } from '../harness/statistics';

export const consoleBench: Bench = {
  name: 'console',
  description: 'what the console costs a gateway: CPU with viewers at it against CPU without, in turns',
  options: {
    viewers: 'tabs of a real browser; default 5',
    functions: 'that are deployed; default 200, with --quick 20',
    seconds: 'of each turn; default 30, with --quick 8',
  },
  run: measureConsole,
};

/** What viewers look at, in turn; the first two pages are the ones with the most to show. */
const PAGES = ['', 'functions', 'functions/console-0', 'nodes', 'events'];
const ROUNDS = 3;
/** Functions that are called all the time, and how often all of them together. */
const BUSY = 10;
const CALLS_A_SECOND = 20;
/** A page has loaded and asks only for what is new. */
const SETTLE_MS = 5_000;
const DEPLOYS_AT_ONCE = 4;
const TICK_MS = 10;

async function measureConsole(request: BenchRequest): Promise<BenchResult> {
  const viewers = countOption(request, 'viewers', 5);
  const functions = countOption(request, 'functions', request.quick ? 20 : 200);
  const seconds = countOption(request, 'seconds', request.quick ? 8 : 30);
  request.log('starting a platform of its own');
  const platform = await startPlatform({});
  const probe = openProbe(platform.url, platform.apiKey);
  const browser = await chromium.launch({ executablePath: needBrowser(), args: ['--no-sandbox'] });
  const calls = callAll(probe, Math.min(BUSY, functions));
  try {
    await deployAll(platform, probe, functions, request.log);
    calls.begin();
    const without: number[] = [];
    const withViewers: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      request.log(`round ${round} of ${ROUNDS}`);
      without.push(await shareOfCore(platform, seconds));
      const leave = await view(browser, platform, viewers);
      await pause(SETTLE_MS);
      withViewers.push(await shareOfCore(platform, seconds));
      await leave();
    }
    const added = withViewers.map((share, index) => share - (without[index] ?? 0));
    const median = quantile(added, 0.5);
    return {
      figures: [
        figure('console.gateway.cpu.added', 'share of a core', median, ROUNDS, { atMost: 0.05 }),
        figure('console.gateway.cpu.with', 'share of a core', quantile(withViewers, 0.5), ROUNDS),
        figure('console.gateway.cpu.without', 'share of a core', quantile(without, 0.5), ROUNDS),
      ],
      sections: [
        `${viewers} tabs of one Chromium at ${PAGES.map((page) => `/console/${page}`).join(', ')}; ${functions} functions, ${CALLS_A_SECOND} calls a second.`,
        '',
        `Added in each round: ${added.map((share) => share.toFixed(3)).join(', ')}.`,
      ],
    };
  } finally {
    calls.end();
    await browser.close();
    probe.close();
    await platform.stop();
  }
}

/** One by the command line, the others of its code. */
async function deployAll(
  platform: PrivatePlatform,
  probe: Probe,
  functions: number,
  log: (text: string) => void,
): Promise<void> {
  log(`deploying ${functions} functions`);
  const spec = { checkpoint: { when: 'never' as const }, scale: { keepAlive: '10m' } };
  await deployVariant(platform, 'examples/hello-node', nameOf(0), spec);
  const first = jsonOf<{ latest: { codeDigest: string; manifest: { spec: object } } }>(
    await probe.send(`/v1/functions/${nameOf(0)}`),
  ).latest;
  const others = Array.from({ length: functions - 1 }, (_, index) => nameOf(index + 1));
  await inTurns(others, DEPLOYS_AT_ONCE, async (name) => {
    const scale = Number(name.split('-')[1]) < BUSY ? { keepAlive: '10m' } : { keepAlive: '1s' };
    const manifest = {
      apiVersion: 'presage.dev/v1',
      kind: 'Function',
      metadata: { name },
      spec: { ...first.manifest.spec, scale },
    };
    const body = JSON.stringify({ manifest, codeDigest: first.codeDigest });
    const made = jsonOf<{ deployment: { id: string } }>(
      await probe.send(`/v1/functions/${name}`, { method: 'PUT', body }),
    );
    for (;;) {
      const { state } = jsonOf<{ state: string }>(await probe.send(`/v1/deployments/${made.deployment.id}`));
      if (state === 'succeeded') return;
      if (state === 'failed') throw new Error(`${name} was not deployed`);
      await pause(200);
    }
  });
}

function nameOf(index: number): string {
  return `console-${index}`;
}

/** Calls the busy functions in turn, whether or not they have answered, from `begin` to `end`. */
function callAll(probe: Probe, busy: number): { begin(): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  let next = 0;
  const call = (): void => void probe.send(`/fn/default/${nameOf(next++ % busy)}/`).catch(() => undefined);
  return { begin: () => (timer = setInterval(call, 1000 / CALLS_A_SECOND)), end: () => clearInterval(timer) };
}

/** Opens the tabs, each logged in. Returns what closes them. */
async function view(browser: Browser, { url, apiKey }: PrivatePlatform, viewers: number): Promise<() => Promise<void>> {
  const context = await browser.newContext();
  for (let viewer = 0; viewer < viewers; viewer++) {
    const page = await context.newPage();
    await page.goto(`${url}/console/${PAGES[viewer % PAGES.length] ?? ''}`);
    await page.getByLabel('API key').fill(apiKey);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('navigation').waitFor();
  }
  return () => context.close();
}

/** How much of one core the gateway takes over some seconds. */
async function shareOfCore({ config }: PrivatePlatform, seconds: number): Promise<number> {
  const pid = new Components(config).running().find(({ name }) => name === 'gateway')?.pid ?? 0;
  const [from, begun] = [cpuMs(pid), performance.now()];
  await pause(seconds * 1000);
  return (cpuMs(pid) - from) / (performance.now() - begun);
}

function cpuMs(pid: number): number {
  // The command's name, in brackets, may hold blanks.
  const fields = textOf(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
