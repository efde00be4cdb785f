import { useMemo, useState } from 'preact/hooks';
import { href } from '../../app/router';
import type { NodeView, PageOf, PlacementView, StatusView, TrafficMapView } from '../../lib/answers';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { useOperator } from '../../session/use-operator';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { ChoiceField } from '../../ui/text-field';
import { JoinForm } from './join-form';
import { mapModel } from './map-model';
import { NodeTable } from './node-table';
import { TierMap } from './tier-map';

const EVERY_MS = 5_000;
const TRAFFIC_EVERY_MS = 15_000;
const HOURS = [
  ['1', 'the last hour'],
  ['24', 'the last day'],
  ['168', 'the last week'],
] as const;
/** After these something stands elsewhere. */
const CHANGES = ['migration.shifted', 'migration.completed', 'migration.rolled-back'];

/** Where everything runs, and who calls it from where. */
export default function NodesPage() {
  return (
    <>
      <header class="actions">
        <h1>Nodes</h1>
        <a class="button" href={href('nodes', 'plans')}>
          Plans of placement
        </a>
      </header>
      <NeedsScope scope="read" to="see where functions run">
        <Nodes />
      </NeedsScope>
    </>
  );
}

function Nodes() {
  const operator = useOperator();
  const [hours, setHours] = useState('1');
  const status = useQuery<StatusView>('/v1/status', { everyMs: EVERY_MS });
  const records = useQuery<PageOf<NodeView>>(operator ? '/v1/nodes?limit=1000' : null, { everyMs: EVERY_MS });
  const placements = useQuery<PageOf<PlacementView>>('/v1/placements?limit=1000', { everyMs: EVERY_MS });
  const traffic = useQuery<TrafficMapView>(`/v1/traffic-map?hours=${hours}`, { everyMs: TRAFFIC_EVERY_MS });
  const reload = () => [status, records, placements].forEach((query) => query.reload());
  useEvents({ types: CHANGES }, reload);
  const model = useMemo(
    () => status.data && mapModel(status.data, records.data?.items ?? null, placements.data?.items ?? [], traffic.data),
    [status.data, records.data, placements.data, traffic.data],
  );
  return (
    <div class="grid">
      <Card title="Map of tiers" wide>
        <ChoiceField label="Calls of" value={hours} options={HOURS} onChoose={setHours} />
        <QueryView query={status}>
          {() => model && <TierMap title="Nodes by tier, their functions, and who calls them" model={model} />}
        </QueryView>
        <QueryView query={placements}>
          {({ next }) => next !== null && <p class="hint">Only the first 1,000 functions are shown.</p>}
        </QueryView>
        <QueryView query={traffic}>
          {({ users, calls }) =>
            users.length + calls.length === 0 && (
              <p class="empty">
                Nobody has called anything in this time. Call a function: <code>presage invoke NAME</code>
              </p>
            )
          }
        </QueryView>
        {model && model.nowhere.length > 0 && (
          <p class="hint">On no node now, started where the next call is best served: {model.nowhere.join(', ')}.</p>
        )}
      </Card>
      <Card title="Nodes" wide>
        {model && (
          <NodeTable model={model} records={records.data?.items ?? null} operator={operator} changed={reload} />
        )}
        {operator && <QueryView query={records}>{() => null}</QueryView>}
      </Card>
      <Card title="Let a node join">
        {operator ? (
          <JoinForm />
        ) : (
          <p class="hint">
            Nodes are managed by platform operators: admin keys of the tenant <code>default</code>.
          </p>
        )}
      </Card>
    </div>
  );
}
