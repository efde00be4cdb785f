import { Option } from 'commander';
import { OVERVIEW_WINDOWS } from '../../core/overview/overview';
import type { ContextOf } from '../command-context';
import type { Verb } from '../verb';

interface Kept {
  readonly objective: number;
  readonly share: number | null;
  readonly burn: number | null;
}

interface OverviewResource {
  readonly tenant: string;
  readonly functions: number;
  readonly totals: {
    readonly total: number;
    readonly errors: number;
    readonly byKind: Readonly<Record<'hot' | 'warm' | 'restore' | 'cold', number>>;
  };
  readonly latency: { readonly p50Ms: number | null; readonly p95Ms: number | null; readonly p99Ms: number | null };
  readonly coldShare: { readonly share: number | null; readonly target: number };
  readonly objectives: { readonly availability: Kept; readonly latency: Kept & { readonly withinMs: number } };
  readonly spend: { readonly today: string };
  readonly budgets: readonly { readonly name: string; readonly spent: string; readonly percent: number }[];
}

/** overview and whoami: what one wants to know at first. */
export function addOverview(program: Verb, contextOf: ContextOf): void {
  program
    .command('overview')
    .description('traffic, start kinds, latencies, cold share, objectives and spend of the tenant, at a glance')
    .addOption(new Option('--window <window>', 'how far back').choices(Object.keys(OVERVIEW_WINDOWS)).default('1h'))
    .calls('GET /v1/overview')
    .example('presage overview --window 24h')
    .action(async (options: { window: string }, command: Verb) => {
      const { api, output } = contextOf(command);
      const overview = await api.get<OverviewResource>('/v1/overview', { window: options.window });
      const { totals, latency, coldShare, objectives, spend, budgets } = overview;
      const { hot, warm, restore, cold } = totals.byKind;
      await output.item(overview, () =>
        output.fields([
          ['Tenant', overview.tenant],
          ['Functions', overview.functions],
          ['Invocations', `${totals.total}, ${totals.errors} failed`],
          ['Starts', `${hot} hot, ${warm} warm, ${restore} restore, ${cold} cold`],
          ['Cold share', `${percent(coldShare.share)} (target: below ${percent(coldShare.target)})`],
          ['To first byte', `p50 ${wait(latency.p50Ms)}, p95 ${wait(latency.p95Ms)}, p99 ${wait(latency.p99Ms)}`],
          ['Availability', kept(objectives.availability)],
          [`Within ${objectives.latency.withinMs} ms`, kept(objectives.latency)],
          ['Spent today', `$${spend.today}`],
          ...budgets.map(({ name, spent, percent: used }): [string, string] => [
            `Budget ${name}`,
            `$${spent}, ${used} %`,
          ]),
        ]),
      );
    });

  program
    .command('whoami')
    .description('whose key or token this is, and what it may do')
    .calls('GET /v1/whoami')
    .example('presage whoami')
    .action(async (_options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const who = await api.get<{
        tenant: string;
        scopes: string[];
        credential: string;
        keyId: string;
        operator: boolean;
      }>('/v1/whoami');
      await output.item(who, () =>
        output.fields([
          ['Tenant', who.tenant],
          ['May', who.scopes.join(', ') || 'nothing'],
          ['By', `${who.credential} ${who.keyId}`],
          ['Operator', who.operator ? 'yes: may name other tenants by --tenant' : 'no'],
        ]),
      );
    });
}

function kept({ objective, share, burn }: Kept): string {
  const used =
    burn === null
      ? 'nothing to measure yet'
      : `error budget used ${Number(burn.toPrecision(2))} times as fast as it may`;
  return `${percent(share)} (objective: ${percent(objective)}; ${used})`;
}

function percent(share: number | null): string {
  return share === null ? '-' : `${Number((share * 100).toFixed(2))} %`;
}

function wait(ms: number | null): string {
  return ms === null ? '-' : `${Number(ms.toPrecision(3))} ms`;
}
