import { openPostgresStore } from '../../drivers/store/postgres';
import { ownPostgresUrl } from '../../workers/all/services/postgres-cluster';
import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { Components } from '../harness/components';
import { HOT_LINGER } from '../harness/hot-gateway';
import { startPlatform } from '../harness/platform';
import { startSecondGateway } from '../harness/second-gateway';
import { budgetResult } from './budget-result';
import { runScenario, type Scenario, type ScenarioRun } from './budget-scenario';
import { compareManyCalls } from './many-calls';

const CALLS = 1_000_000;
const QUICK_CALLS = 50_000;

export const budgetBench: Bench = {
  name: 'budget',
  description:
    'a budget that runs out at 1,000 requests a second: overshoot, alert and critical functions, with one gateway and two, also after kills; and whether the ledger equals the calls',
  options: { calls: `of which the ledger is compared with the records; default ${CALLS}, with --quick ${QUICK_CALLS}` },
  run: measureBudgets,
};

async function measureBudgets(request: BenchRequest): Promise<BenchResult> {
  const { log, quick } = request;
  const calls = countOption(request, 'calls', quick ? QUICK_CALLS : CALLS);
  const settings = { PRESAGE__AGENT__LINGER: HOT_LINGER };
  log('starting a platform of its own, and a second gateway');
  const platform = await startPlatform(settings);
  const store = openPostgresStore(ownPostgresUrl(platform.config));
  try {
    await platform.pauseWarmPools();
    const begun = new Date();
    const components = new Components(platform.config);
    const world = { platform, components, store, log };
    const first = Number(new URL(platform.url).port);
    const runs: ScenarioRun[] = [];
    const seconds = quick ? { seconds: 12, afterSeconds: 6 } : { seconds: 30, afterSeconds: 12 };
    const run = async (scenario: Omit<Scenario, 'seconds' | 'afterSeconds'>): Promise<void> => {
      runs.push(await runScenario(world, { ...scenario, ...seconds }));
    };
    await run({ name: 'one', ports: [first], kills: [] });
    await run({ name: 'one-killed', ports: [first], kills: ['gateway', 'control'] });
    const second = await startSecondGateway(platform, settings);
    try {
      await run({ name: 'two', ports: [first, second.port], kills: [] });
      await run({ name: 'two-killed', ports: [first, second.port], kills: ['gateway', 'control'] });
    } finally {
      await second.kill();
    }
    return budgetResult(runs, await compareManyCalls(world, calls, begun));
  } finally {
    await store.close();
    await platform.stop();
  }
}
