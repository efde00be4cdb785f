import type { WarmthDecisionResource, WarmthResource } from '../warming-resources';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { countOption } from '../option-values';
import type { Verb } from '../verb';

/** warmth: what is held warm of a function, and why. */
export function addWarmth(program: Verb, contextOf: ContextOf): void {
  program
    .command('warmth')
    .description('what is held warm of a function, by which policy and why')
    .argument('<function>', 'the function')
    .calls('GET /v1/functions/{name}/warmth')
    .example('presage warmth hello')
    .option('--history <n>', 'decisions before it', countOption, 10)
    .action(async (name: string, options: { history: number }, command: Verb) => {
      const { api, output } = contextOf(command);
      const found = await api.get<WarmthResource>(functionPath(name, '/warmth'), { limit: options.history });
      await output.item(found, () => described(found, output));
    });
}

async function described(found: WarmthResource, output: CommandContext['output']): Promise<string> {
  const fields = output.fields([
    ['Decided', found.at],
    ['Policy', found.policy],
    ['Because', found.reason],
    ['Ready', found.steps.map(showStep).join(', ')],
    ['Others rest for', showKeepAlive(found.keepAlive)],
    ['Declared', found.floor],
    ['For the forecast', found.forecastMean === null ? null : `${found.pool}, of ${found.forecastMean.toFixed(1)} calls in the next minute`], // prettier-ignore
    ['Granted', Object.entries(found.granted).map(([node, most]) => `${most} on ${node}`).join(', ')], // prettier-ignore
  ]);
  const history = await output.table(found.history.items, [
    ['AT', (row) => row.at],
    ['READY', (row) => String(row.ready)],
    ['POLICY', (row) => row.policy],
    ['BECAUSE', (row) => row.reason],
  ]);
  return `${fields}\n\n${history}`;
}

function showStep({ after, running, frozen }: WarmthDecisionResource['steps'][number]): string {
  const states = [...(running > 0 ? [`${running} running`] : []), ...(frozen > 0 ? [`${frozen} frozen`] : [])];
  const ready = states.length > 0 ? states.join(' and ') : 'none';
  return after === 0 ? ready : `${ready} after ${after} s`;
}

function showKeepAlive(seconds: readonly number[]): string {
  if (seconds.length === 0) return 'as long as the manifest says';
  return seconds.map((each) => `${Math.round(each)} s`).join(', ');
}
