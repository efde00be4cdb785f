import { useState } from 'preact/hooks';
import type { WorkflowsView } from '../../lib/answers';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useOperator } from '../../session/use-operator';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { OutsideLink } from '../../ui/temporal-link';
import { TextField } from '../../ui/text-field';
import { StateBadge } from '../functions/state-badge';

const EVERY_MS = 5_000;

/** Durable work under way and done, and what starts by itself, each with its way into Temporal's UI. */
export default function WorkflowsPage() {
  const operator = useOperator();
  return (
    <>
      <h1>Workflows</h1>
      <NeedsScope scope="admin" to="see workflows">
        {operator ? (
          <Workflows />
        ) : (
          <p class="hint">
            Workflows speak of all tenants: platform operators see them, with admin keys of the tenant{' '}
            <code>default</code>. Your own migrations, deployments and cases stand on their pages.
          </p>
        )}
      </NeedsScope>
    </>
  );
}

function Workflows() {
  const [running, setRunning] = useState(false);
  const [type, setType] = useState('');
  const wanted = new URLSearchParams({ limit: '100', ...(running ? { running: 'true' } : {}), ...(type.trim() === '' ? {} : { type: type.trim() }) }); // prettier-ignore
  const query = useQuery<WorkflowsView>(`/v1/workflows?${wanted.toString()}`, { everyMs: EVERY_MS });
  return (
    <div class="grid">
      <Card
        title="Newest workflows"
        wide
        actions={
          <Button pressed={running} onClick={() => setRunning(!running)}>
            Only what runs
          </Button>
        }
      >
        <TextField
          label="Kind"
          hint="such as migrateFunction or deployFunction; empty: all"
          value={type}
          onText={setType}
        />
        <QueryView query={query}>
          {({ items }) => (
            <Table
              caption="Workflows, the newest first"
              columns={[
                { label: 'Workflow', value: (row) => named(row.url, row.workflowId) },
                { label: 'Kind', value: (row) => row.type },
                { label: 'State', value: (row) => <StateBadge state={row.state} /> },
                { label: 'Began', value: (row) => time(row.startedAt) },
                { label: 'Ended', value: (row) => time(row.endedAt) },
              ]}
              rows={items}
              keyOf={(row) => row.runId}
              empty={<p>Temporal knows of none of that kind.</p>}
            />
          )}
        </QueryView>
        <p class="hint">
          The same by command:{' '}
          <code>{`presage workflows${running ? ' --running' : ''}${type.trim() === '' ? '' : ` --type ${type.trim()}`}`}</code>
        </p>
      </Card>
      <Card title="What starts by itself" wide>
        {query.data && (
          <Table
            caption="Schedules"
            columns={[
              { label: 'Schedule', value: (row) => named(row.url, row.scheduleId) },
              { label: 'Starts', value: (row) => row.type ?? '–' },
              { label: 'For', value: (row) => row.note ?? '' },
              { label: 'Last', value: (row) => time(row.lastAt) },
              { label: 'Next', value: (row) => (row.paused ? <Badge tone="warn">paused</Badge> : time(row.nextAt)) },
            ]}
            rows={query.data.schedules}
            keyOf={(row) => row.scheduleId}
            empty={<p>Nothing starts by itself: the control worker makes the schedules as it starts.</p>}
          />
        )}
        <p class="hint">
          The same by command: <code>presage workflows --schedules</code>
        </p>
      </Card>
    </div>
  );
}

function named(url: string | null, id: string) {
  return url === null ? <code>{id}</code> : <OutsideLink url={url}>{id}</OutsideLink>;
}
