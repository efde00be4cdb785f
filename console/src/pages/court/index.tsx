import { href } from '../../app/router';
import type { CourtSummaryView } from '../../lib/answers';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { StateBadge } from '../functions/state-badge';
import { CaseForm } from './case-form';
import { LivePolicy } from './live-policy';

const EVERY_MS = 5_000;

/** The policy that is live, cases so far, and a new one. */
export default function CourtPage() {
  return (
    <>
      <h1>Replay court</h1>
      <p>
        What was recorded is replayed under other policies of warmth, before one is put in force: how many calls had
        started cold, and how much memory that had held.
      </p>
      <NeedsScope scope="read" to="see policies and cases">
        <Court />
      </NeedsScope>
    </>
  );
}

function Court() {
  const cases = useQuery<{ items: readonly CourtSummaryView[] }>('/v1/warming/court', { everyMs: EVERY_MS });
  return (
    <div class="grid">
      <Card title="Policy in force">
        <LivePolicy />
      </Card>
      <Card title="New case">
        <NeedsScope scope="deploy" to="open a case">
          <CaseForm />
        </NeedsScope>
      </Card>
      <Card title="Cases" wide>
        <QueryView query={cases}>
          {({ items }) => (
            <Table
              caption="Cases, the newest first"
              columns={[
                { label: 'Case', value: ({ id }) => <a href={href('court', id)}>{id.slice(0, 8)}</a> },
                { label: 'State', value: ({ state }) => <StateBadge state={state} /> },
                { label: 'Began', value: ({ startedAt }) => time(startedAt) },
                { label: 'Ended', value: ({ endedAt }) => time(endedAt) },
              ]}
              rows={items}
              keyOf={({ id }) => id}
              empty={
                <p>
                  No case yet. Open one above, or: <code>presage court --window 24h --policies presage,fixed:10m</code>
                </p>
              }
            />
          )}
        </QueryView>
      </Card>
    </div>
  );
}
