import { useMemo, useState } from 'preact/hooks';
import { href, navigate } from '../../app/router';
import type { PlacementCostsView, PlanStateView, PlanView, StatusView, TrafficMapView } from '../../lib/answers';
import { send } from '../../lib/api';
import { ms, time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useUntilEnd } from '../../lib/use-until-end';
import type { PageProps } from '../../routes';
import { useSession } from '../../session/session';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TemporalLink } from '../../ui/temporal-link';
import { CostBars } from './cost-bars';
import { mapModel, planMaps } from './map-model';
import { mayApply, microDollars, planVerdict, termRows } from './plan-model';
import { TierMap } from './tier-map';

/** One plan: the map before and after, its costs by term, its moves with their reasons, and what came of them. */
export default function PlanPage({ params }: PageProps) {
  const { id = '' } = params;
  return (
    <>
      <p>
        <a href={href('nodes')}>Nodes</a> › <a href={href('nodes', 'plans')}>Plans</a>
      </p>
      <h1>Plan of placement</h1>
      <NeedsScope scope="read" to="see plans of placement">
        <Plan id={id} />
      </NeedsScope>
    </>
  );
}

function Plan({ id }: { id: string }) {
  const query = useUntilEnd<PlanStateView>(`/v1/placement/plans/${encodeURIComponent(id)}`);
  return (
    <QueryView query={query}>
      {(found) => (
        <>
          <p role="status">
            {planVerdict(found)} {found.plan && <span class="hint">Made {time(found.plan.at)}.</span>}
          </p>
          {mayApply(found) && (
            <NeedsScope scope="deploy" to="move functions">
              <Apply />
            </NeedsScope>
          )}
          {found.plan && <PlanCards plan={found.plan} />}
        </>
      )}
    </QueryView>
  );
}

function Apply() {
  const [asked, setAsked] = useState(false);
  const apply = async () => {
    const { id } = await send<{ id: string }>('POST', '/v1/placement/plan', { dryRun: false });
    navigate(href('nodes', 'plans', id));
  };
  return (
    <>
      <Button kind="main" onClick={() => setAsked(true)}>
        Apply
      </Button>
      {asked && (
        <ConfirmDialog
          title="Plan again and move?"
          confirm="Move"
          cli="presage placement plan"
          onConfirm={apply}
          onClose={() => setAsked(false)}
        >
          <p>
            What is true now may differ from what this plan was made of: a new one is made, and its moves begin at once.
            No request fails; each move can be aborted.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function PlanCards({ plan }: { plan: PlanView }) {
  return (
    <div class="grid">
      <Card title="Before and after" wide>
        <PlanMaps plan={plan} />
      </Card>
      {plan.costs && (
        <Card title="Costs of all functions, an hour">
          <CostBars caption="Costs by term" rows={termRows(plan.costs)} />
        </Card>
      )}
      <Card title="Moves" wide>
        <Table
          caption="Moves of the plan"
          columns={[
            { label: 'Function', value: (move) => move.function },
            { label: 'From', value: (move) => move.from.join(', ') || 'nowhere' },
            { label: 'To', value: (move) => move.to.join(', ') },
            { label: 'Saves an hour', numeric: true, value: (move) => microDollars(move.savesPerHour) },
            { label: 'Costs once', numeric: true, value: (move) => microDollars(move.costsOnce) },
            { label: 'Because', value: (move) => (move.forced ? `forced: ${move.reason}` : move.reason) },
            { label: 'By term', value: (move) => <TermDetails move={move} /> },
            { label: 'Outcome', value: (move) => outcomeOf(plan, move.function) },
          ]}
          rows={plan.moves}
          keyOf={(move) => move.function}
          empty={<p>{plan.reason}</p>}
        />
      </Card>
      {plan.held.length > 0 && (
        <Card title="Moves that are held back" wide>
          <Table
            caption="Moves of the best placement that are not made"
            columns={[
              { label: 'Function', value: (row) => row.function },
              { label: 'To', value: (row) => row.to.join(', ') },
              { label: 'Would save an hour', numeric: true, value: (row) => microDollars(row.savesPerHour) },
              { label: 'Because', value: (row) => row.reason },
            ]}
            rows={plan.held}
            keyOf={(row) => row.function}
            empty={null}
          />
        </Card>
      )}
      {plan.replicas.length > 0 && (
        <Card title="Functions on several nodes" wide>
          <Table
            caption="What replicas buy"
            columns={[
              { label: 'Function', value: (row) => row.function },
              { label: 'On', value: (row) => row.nodes.join(', ') },
              { label: 'Users’ p99', numeric: true, value: (row) => ms(row.p99Ms) },
              { label: 'Best single node', value: (row) => row.singleNode },
              { label: 'p99 there', numeric: true, value: (row) => ms(row.singleP99Ms) },
            ]}
            rows={plan.replicas}
            keyOf={(row) => row.function}
            empty={null}
          />
        </Card>
      )}
      <Card title="How it was made">
        <ul>
          <li>
            Workflow <TemporalLink workflowId={plan.workflowId} />
          </li>
          <li>
            Solver {plan.solver}, seed {plan.seed}, inputs <code>{plan.inputsDigest.slice(0, 19)}</code>: the same give
            the same plan.
          </li>
          {plan.notes.map((note) => (
            <li>{note}</li>
          ))}
        </ul>
      </Card>
    </div>
  );
}

function PlanMaps({ plan }: { plan: PlanView }) {
  const { tenant } = useSession();
  const [end, setEnd] = useState<'before' | 'after'>('before');
  const status = useQuery<StatusView>('/v1/status');
  const costs = useQuery<PlacementCostsView>('/v1/placement');
  const traffic = useQuery<TrafficMapView>('/v1/traffic-map?hours=6');
  const maps = useMemo(
    () =>
      status.data &&
      costs.data &&
      planMaps(mapModel(status.data, null, [], traffic.data), costs.data.functions, plan, tenant),
    [status.data, costs.data, traffic.data, plan, tenant],
  );
  return (
    <>
      <div class="actions" role="group" aria-label="Which map">
        <Button pressed={end === 'before'} onClick={() => setEnd('before')}>
          Before
        </Button>
        <Button pressed={end === 'after'} onClick={() => setEnd('after')}>
          After
        </Button>
      </div>
      <QueryView query={status}>{() => null}</QueryView>
      <QueryView query={costs}>{() => null}</QueryView>
      {maps && <TierMap title={end === 'before' ? 'Before the plan' : 'After the plan'} model={maps[end]} />}
    </>
  );
}

function TermDetails({ move }: { move: PlanView['moves'][number] }) {
  return (
    <details>
      <summary>Before and after</summary>
      <CostBars caption={`Costs of ${move.function} by term`} rows={termRows(move)} />
    </details>
  );
}

function outcomeOf({ dryRun, outcomes }: PlanView, name: string): string {
  if (dryRun) return 'a dry run';
  const outcome = outcomes?.find((row) => row.function === name);
  return outcome ? outcome.state + (outcome.error === null ? '' : `: ${outcome.error}`) : 'under way';
}
