import { useState } from 'preact/hooks';
import type { CheckpointView, PageOf } from '../../lib/answers';
import { send } from '../../lib/api';
import { bytes, ms, time } from '../../lib/format';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { useSession } from '../../session/session';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { StateBadge } from '../functions/state-badge';
import type { TabProps } from './index';

const EVENTS = [
  'checkpoint.made',
  'checkpoint.published',
  'checkpoint.quarantined',
  'checkpoint.dropped',
  'checkpoint.failed',
];

/** What new instances are restored from. */
export function CheckpointsTab({ fn }: TabProps) {
  const query = useQuery<PageOf<CheckpointView>>(`/v1/checkpoints?function=${encodeURIComponent(fn.name)}&limit=100`, {
    everyMs: 10_000,
  });
  useEvents({ types: EVENTS, function: fn.name }, query.reload);
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const [started, setStarted] = useState<string>();
  return (
    <Card
      title="Checkpoints"
      actions={
        <Button
          disabled={!can('deploy')}
          title={can('deploy') ? undefined : 'It needs the scope deploy'}
          onClick={() => setMaking(true)}
        >
          Make one now
        </Button>
      }
    >
      <p role="status" class="hint">
        {started !== undefined && `It is being made: ${started} in the Temporal UI.`}
      </p>
      <QueryView query={query}>
        {({ items }) => (
          <Table
            caption={`Checkpoints of ${fn.name}, newest first`}
            columns={[
              { label: 'Made', value: ({ createdAt }) => time(createdAt) },
              { label: 'State', value: ({ state, reason }) => <><StateBadge state={state} /> {reason}</> }, // prettier-ignore
              { label: 'Revision', numeric: true, value: ({ revision }) => revision },
              { label: 'Node', value: ({ node }) => node },
              { label: 'Memory', numeric: true, value: ({ rawBytes }) => bytes(rawBytes) },
              { label: 'Stored', numeric: true, value: ({ sealedBytes }) => bytes(sealedBytes) },
              { label: 'Pause', numeric: true, value: ({ pauseMs }) => ms(pauseMs) },
              { label: 'Failed restores', numeric: true, value: ({ failures }) => failures },
            ]}
            rows={items}
            keyOf={({ id }) => id}
            empty={
              <p>
                There is none: starts that find no instance are cold. “Make one now”, or{' '}
                <code>presage checkpoint {fn.name}</code>
              </p>
            }
          />
        )}
      </QueryView>
      {making && (
        <ConfirmDialog
          title={`Make a checkpoint of ${fn.name}?`}
          confirm="Make it"
          cli={`presage checkpoint ${fn.name}`}
          onConfirm={async () => {
            const answer = await send<{ workflowId: string }>(
              'POST',
              `/v1/functions/${encodeURIComponent(fn.name)}/checkpoints`,
            );
            setStarted(answer.workflowId);
          }}
          onClose={() => setMaking(false)}
        >
          <p>
            A new instance of the newest ready revision is started for it, warmed up as the manifest says, and copied.
          </p>
        </ConfirmDialog>
      )}
    </Card>
  );
}
