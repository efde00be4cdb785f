import type { TrafficMapResource } from '../placement-resources';
import type { ContextOf } from '../command-context';
import type { Column } from '../output';
import { countOption } from '../option-values';
import { showBytes, showMs } from '../quantities';
import type { Verb } from '../verb';

type Row = (TrafficMapResource['users'] | TrafficMapResource['calls'])[number];

const COLUMNS: readonly Column<Row>[] = [
  ['CALLS', (row) => row.calls],
  ['ASYNC', (row) => row.asyncCalls],
  ['IN', (row) => showBytes(row.bytesIn)],
  ['OUT', (row) => showBytes(row.bytesOut)],
  ['P50', (row) => (row.p50Ms === null ? null : showMs(row.p50Ms))],
  ['P99', (row) => (row.p99Ms === null ? null : showMs(row.p99Ms))],
];

export function addTraffic(program: Verb, contextOf: ContextOf): void {
  program
    .command('traffic')
    .description('who calls what from where: users by region, and functions that call functions')
    .argument('[function]', 'only what goes to this function, or from it to others')
    .option('--hours <count>', 'how far back', countOption, 24)
    .calls('GET /v1/traffic-map')
    .example('presage traffic hello --hours 24')
    .action(async (name: string | undefined, { hours }: { hours: number }, command: Verb) => {
      const { api, output } = contextOf(command);
      const map = await api.get<TrafficMapResource>('/v1/traffic-map', { function: name, hours });
      await output.item(map, async () => {
        if (map.users.length + map.calls.length === 0) return 'Nothing was called';
        const users = output.table(map.users, [
          ['USERS IN', (row) => row.region],
          ['CALL', (row) => row.function],
          ...COLUMNS,
        ]);
        const calls = output.table(map.calls, [
          ['FUNCTION', (row) => row.caller],
          ['CALLS', (row) => row.function],
          ...COLUMNS,
        ]);
        const tables = [...(map.users.length > 0 ? [users] : []), ...(map.calls.length > 0 ? [calls] : [])];
        return (await Promise.all(tables)).join('\n\n');
      });
    });
}
