import type { Advice } from '../../core/cost/advice/advice';
import { STRATEGIES } from '../../core/cost/advice/strategies';
import { PRICE_PRESETS } from '../../core/cost/price-presets';
import type { Bench, BenchRequest, BenchResult } from '../bench';
import { missedBars } from '../harness/missed-bars';
import { figure, type Figure } from '../harness/report';
import { slotFunctions } from '../policy/slots/slot-functions';
import type { Scored } from '../policy/slots/slot-outcome';
import { policyTraces } from '../policy/traces/policy-traces';
import { billSum, savedPercent, type BillSum } from './bill-sum';
import { carriedOut, fittedAdvice } from './fitted-advice';
import { foundingRows } from './founding-rows';
import type { LedgerOutcome } from './ledger-tally';
import { playLedger, type Setting } from './play-ledger';
import { savingsFunction, type SavingsFunction } from './savings-function';
import { METHOD, settingTable, type NamedBill } from './savings-report';

export const savingsBench: Bench = {
  name: 'savings',
  description:
    'what the cost strategies save together on days of real traffic, fitted on those before, against the platform’s defaults',
  run: measureSavings,
};

const SEED = 11;
const DAY = 86_400;
/** Policies learn for three days; advice rests on days 4-9; what it saves is read off the days after. */
const [LEARNED, FITTED] = [3 * DAY, 9 * DAY] as const;
const QUICK_EVERY = 8;
/** What a manifest gives that says nothing: ten minutes, frozen. */
const DEFAULT_POLICY = 'fixed:10m';
const CANDIDATES = ['presage', 'hybrid-histogram:4h', 'hybrid-histogram:1h', 'fixed:20m', 'fixed:5m', 'fixed:2m'];
/** The first has the bars. */
const TABLES = ['aws-lambda', 'own-machine', 'google-cloud-run'] as const;
const PRICES = TABLES.map((name) => PRICE_PRESETS[name].prices);
const LEAST_SAVED = 20;

/** What all settings of a world are played with. */
interface World {
  readonly name: string;
  readonly functions: readonly SavingsFunction[];
  readonly defaults: Setting;
  readonly stretches: readonly [fitted: Scored, reported: Scored];
}

async function measureSavings({ quick, data, log }: BenchRequest): Promise<BenchResult> {
  const { days } = policyTraces(data);
  if (!days || 60 * days.minutes <= FITTED) {
    throw new RangeError('This bench needs days of counts: more than nine, such as azure12d');
  }
  const all = slotFunctions(days.sources, SEED);
  const chosen = all.flatMap((slots, index) => {
    const source = days.sources[index];
    return source && index % (quick ? QUICK_EVERY : 1) === 0 ? [savingsFunction(slots, source)] : [];
  });
  const stretches = [
    { from: LEARNED, to: FITTED },
    { from: FITTED, to: 60 * days.minutes },
  ] as const;
  const figures: Figure[] = [];
  const sections: string[] = [];
  for (const checkpoints of [true, false]) {
    const world: World = {
      name: checkpoints ? 'checkpoints' : 'no-checkpoints',
      functions: chosen,
      defaults: {
        policy: DEFAULT_POLICY,
        memoryBytes: chosen.map(({ givenBytes }) => givenBytes),
        checkpoints: chosen.map(() => checkpoints),
      },
      stretches,
    };
    const told = await worldResult(world, log);
    figures.push(...told.figures);
    sections.push(...told.sections);
  }
  log('the rows of the founding document');
  const founding = foundingRows(chosen, stretches[1], { tables: PRICES, names: TABLES });
  figures.push(...founding.figures);
  return { figures, sections: [...missedBars(figures), ...METHOD, ...sections, ...founding.section] };
}

async function worldResult(
  { name, functions, defaults, stretches }: World,
  log: (text: string) => void,
): Promise<BenchResult> {
  const played = new Map<string, LedgerOutcome[][]>();
  const play = async (setting: Setting): Promise<LedgerOutcome[][]> => {
    const key = JSON.stringify(setting);
    const known = played.get(key);
    if (known) return known;
    // Lets whoever interrupts be heard between plays of seconds.
    await new Promise((resolve) => setImmediate(resolve));
    log(`${name}: ${setting.policy}`);
    const outcomes = playLedger(functions, setting, stretches, PRICES);
    played.set(key, outcomes);
    return outcomes;
  };
  const now = await play(defaults);
  const others: { policy: string; outcomes: readonly LedgerOutcome[] }[] = [];
  for (const policy of CANDIDATES) others.push({ policy, outcomes: (await play({ ...defaults, policy }))[0] ?? [] });
  const figures: Figure[] = [];
  const sections: string[] = [`## ${name === 'checkpoints' ? 'With' : 'Without'} checkpoints`, ''];
  for (const [table, preset] of TABLES.entries()) {
    const prices = PRICE_PRESETS[preset].prices;
    const seconds = stretches[0].to - stretches[0].from;
    const advice = fittedAdvice({ functions, setting: defaults, outcomes: now[0] ?? [], others, seconds, prices });
    const rows: NamedBill[] = [{ name: `defaults: ${DEFAULT_POLICY}`, sum: billSum(now[1] ?? [], table) }];
    const row = async (title: string, setting: Setting): Promise<BillSum> => {
      const sum = billSum((await play(setting))[1] ?? [], table);
      rows.push({ name: title, sum });
      return sum;
    };
    const given = STRATEGIES.filter((strategy) => advice.some((item) => item.strategy === strategy));
    for (const strategy of given) await row(`${strategy} alone`, carriedOut(defaults, advice, strategy));
    const together = await row('together', carriedOut(defaults, advice));
    await row('presage, nothing else', { ...defaults, policy: 'presage' });
    figures.push(...worldFigures(`savings.${name}.${preset}`, rows, together, table === 0));
    sections.push(`### Prices: ${preset}`, '', adviceText(advice), '', ...settingTable(rows), '');
  }
  return { figures, sections };
}

function worldFigures(prefix: string, rows: readonly NamedBill[], together: BillSum, barred: boolean): Figure[] {
  const before = rows[0]?.sum as BillSum;
  const percent = (what: string, value: number): Figure =>
    figure(`${prefix}.${what}`, '%', value, before.calls, barred ? { atLeast: LEAST_SAVED } : undefined);
  return [
    percent('spend-saved', savedPercent(before.spent, together.spent)),
    percent('saved-with-credits', savedPercent(before.total, together.total)),
    figure(
      `${prefix}.late-calls-to-defaults`,
      'ratio',
      before.late === 0 ? (together.late === 0 ? 1 : Infinity) : together.late / before.late,
      before.calls,
      { atMost: 1 },
    ),
    ...rows
      .filter(({ name }) => name.endsWith(' alone'))
      .map(({ name, sum }) =>
        figure(`${prefix}.${name.replace(' ', '-')}`, '%', savedPercent(before.spent, sum.spent), before.calls),
      ),
  ];
}

function adviceText(advice: readonly Advice[]): string {
  const counts = STRATEGIES.map((strategy) => {
    const given = advice.filter((item) => item.strategy === strategy);
    return given.length === 0 ? '' : `${strategy} ${given.length} time(s)`;
  }).filter((text) => text !== '');
  const policy = advice.flatMap(({ change }) => (change.kind === 'policy' ? [change.to] : []))[0];
  return `Advised: ${counts.join(', ') || 'nothing'}.${policy === undefined ? '' : ` The policy: \`${policy}\`.`}`;
}
