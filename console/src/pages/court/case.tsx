import { href } from '../../app/router';
import type { CourtCaseView } from '../../lib/answers';
import { count, ms, percent, time } from '../../lib/format';
import { useUntilEnd } from '../../lib/use-until-end';
import type { PageProps } from '../../routes';
import { useSession } from '../../session/session';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TemporalLink } from '../../ui/temporal-link';
import { StateBadge } from '../functions/state-badge';
import { microDollars } from '../nodes/plan-model';
import { paretoPoints } from './pareto';
import { ParetoChart } from './pareto-chart';

/** One case: what the policies had cost, side by side. */
export default function CasePage({ params }: PageProps) {
  const { id = '' } = params;
  return (
    <>
      <p>
        <a href={href('court')}>Replay court</a>
      </p>
      <h1>Case {id.slice(0, 8)}</h1>
      <NeedsScope scope="read" to="see a case">
        <Case id={id} />
      </NeedsScope>
    </>
  );
}

function Case({ id }: { id: string }) {
  const { tenant } = useSession();
  const query = useUntilEnd<CourtCaseView>(`/v1/warming/court/${encodeURIComponent(id)}`);
  return (
    <QueryView query={query}>
      {({ state, error, result }) => (
        <>
          <p role="status" data-state={state}>
            <StateBadge state={state} />{' '}
            {state === 'running' && 'What was recorded is being replayed; this page shows the end by itself.'}
            {state === 'failed' && `It could not be judged: ${error ?? 'no reason is known'}`}
            {result && `From ${time(result.from)} to ${time(result.to)}.`}
          </p>
          <p>
            Workflow <TemporalLink workflowId={`court/${tenant}/${id}`} />
          </p>
          {result && <Result result={result} />}
        </>
      )}
    </QueryView>
  );
}

function Result({ result: { policies } }: { result: NonNullable<CourtCaseView['result']> }) {
  const points = new Map(paretoPoints(policies).map((point) => [point.policy, point]));
  if (policies.every(({ calls }) => calls === 0)) {
    return (
      <p class="empty">
        Nothing was called in this window. Choose a longer one, or call a function first:{' '}
        <code>presage invoke NAME</code>
      </p>
    );
  }
  return (
    <div class="grid">
      <Card title="Cold share against memory-time" wide>
        <ParetoChart policies={policies} />
        <Table
          caption="Policies side by side"
          columns={[
            { label: 'Policy', value: ({ policy }) => policy },
            { label: 'Calls', numeric: true, value: ({ calls }) => count(calls) },
            { label: 'Cold share', numeric: true, value: ({ coldShare }) => percent(coldShare) },
            {
              label: 'Mean of functions',
              numeric: true,
              value: ({ coldShareOfFunctions }) => percent(coldShareOfFunctions.mean),
            },
            { label: 'Wait p50', numeric: true, value: ({ waitP50Ms }) => ms(waitP50Ms) },
            { label: 'Wait p99', numeric: true, value: ({ waitP99Ms }) => ms(waitP99Ms) },
            { label: 'Idle GB·s', numeric: true, value: ({ policy }) => count(points.get(policy)?.idleGbSeconds) },
            { label: 'Price', numeric: true, value: ({ price }) => microDollars(price.total) },
            { label: '', value: ({ policy }) => remark(points.get(policy)) },
          ]}
          rows={policies}
          keyOf={({ policy }) => policy}
          empty={null}
        />
      </Card>
    </div>
  );
}

function remark(point: { onFront: boolean; cheapest: boolean } | undefined): string {
  return [point?.cheapest && 'cheapest', point?.onFront && 'on the front'].filter(Boolean).join(', ');
}
