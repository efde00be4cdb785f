import { spawn, type ChildProcess } from 'node:child_process';
import { openProbe, jsonOf } from '../../../bench/harness/http-probe';
import { freePort, startPlatform, type PrivatePlatform } from '../../../bench/harness/platform';
import { assetPath } from '../../../drivers/asset-path';
import { needBrowser } from '../../../workers/all/prerequisites/browser';
import { tellJourneys } from './journeys';
import { CLIENT_ID, LoginIssuer } from './login-issuer';

interface Shared {
  readonly platform: PrivatePlatform;
  readonly issuer: LoginIssuer;
  readonly traffic: ChildProcess;
}

/** Calls that must have been made before the first journey: who looks wants to see something. */
const CALLS = 20;
const TRAFFIC_WAIT_MS = 90_000;

/** Two nodes far apart: there is something to see on the map, and somewhere to move to. */
const WORLD = {
  PRESAGE__NODES: JSON.stringify([
    { name: 'edge-1', tier: 'edge', region: 'eu' },
    { name: 'central-1', tier: 'central', region: 'us' },
  ]),
  PRESAGE__NETWORK__LATENCY: JSON.stringify({ eu: { us: 80, eu: 4 }, us: { us: 4 } }),
  // Plans are made by hand, and a journey has few calls: their waits alone count.
  PRESAGE__PLACEMENT__ENABLED: 'false',
  PRESAGE__PLACEMENT__LEASTSAVING: '0',
  PRESAGE__PLACEMENT__WEIGHTS__RESOURCES: '0',
  PRESAGE__PLACEMENT__WEIGHTS__MIGRATION: '0',
};

let shared: Shared | undefined;

/** Starts the platform that all journeys share, and replays real traffic against it until they have ended. */
export async function startShared(): Promise<void> {
  needBrowser();
  const issuer = await new LoginIssuer().start();
  const port = await freePort();
  issuer.origin = `http://127.0.0.1:${port}`;
  issuer.people = {
    ann: { sub: 'ann', tenant: 'default', roles: ['viewer'] },
    bob: { sub: 'bob', tenant: 'default', roles: [] },
  };
  const known = [{ issuer: issuer.url, audience: 'presage', console: { clientId: CLIENT_ID } }];
  const platform = await startPlatform({
    ...WORLD,
    PRESAGE__GATEWAY__PORT: String(port),
    PRESAGE__AUTH__ISSUERS: JSON.stringify(known),
  });
  const probe = openProbe(platform.url, platform.apiKey);
  const key = async (name: string, scopes: string[]): Promise<string> => {
    const body = JSON.stringify({ name, scopes });
    return jsonOf<{ key: string }>(await probe.send('/v1/keys', { method: 'POST', body })).key;
  };
  const keys = { admin: platform.apiKey, reader: await key('reader', ['read']), none: await key('none', ['invoke']) };
  tellJourneys({ url: issuer.origin, config: platform.config, keys, issuer: issuer.url });
  shared = { platform, issuer, traffic: replayTraffic(platform) };
  const until = Date.now() + TRAFFIC_WAIT_MS;
  for (;;) {
    const { totals } = jsonOf<{ totals: { total: number } }>(await probe.send('/v1/overview'));
    if (totals.total >= CALLS) break;
    if (Date.now() > until)
      throw new Error(`The replayed traffic came to ${totals.total} calls in ${TRAFFIC_WAIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  probe.close();
}

export async function stopShared(): Promise<void> {
  shared?.traffic.kill('SIGKILL');
  await shared?.platform.stop();
  await shared?.issuer.stop();
  shared = undefined;
}

/** `npm run replay` against the platform: more minutes than the journeys take. */
function replayTraffic({ url, apiKey }: PrivatePlatform): ChildProcess {
  const options = { url, 'api-key': apiKey, functions: '4', minutes: '120', speed: '20' };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  return spawn(process.execPath, [assetPath('bin/run.js'), 'bench/replay-command', ...args], { stdio: 'ignore' });
}
