import { useState } from 'preact/hooks';
import { href } from '../../app/router';
import type { InstanceView, MigrationView, PageOf, PlacementView } from '../../lib/answers';
import { send } from '../../lib/api';
import { ms, time } from '../../lib/format';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { useUntilEnd } from '../../lib/use-until-end';
import type { PageProps } from '../../routes';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card, Figure, Figures } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TemporalLink } from '../../ui/temporal-link';
import { TextField } from '../../ui/text-field';
import { StateBadge } from '../functions/state-badge';
import { mayAbort, shareRows, stepRows, waitsForApproval } from './migration-model';
import './migrations.css';

const EVERY_MS = 1_000;

/** One migration as it goes on: steps, traffic, what is in flight; approve and abort. */
export default function MigrationPage({ params }: PageProps) {
  const { id = '' } = params;
  return (
    <>
      <p>
        <a href={href('migrations')}>Migrations</a>
      </p>
      <h1>Migration</h1>
      <NeedsScope scope="read" to="see a migration">
        <Migration id={id} />
      </NeedsScope>
    </>
  );
}

function Migration({ id }: { id: string }) {
  const query = useUntilEnd<MigrationView>(`/v1/migrations/${encodeURIComponent(id)}`);
  const migration = query.data;
  useEvents(migration ? { function: migration.function } : { types: [] }, query.reload);
  return (
    <QueryView query={query}>
      {(found) => (
        <div class="grid">
          <State migration={found} reload={query.reload} />
          <Traffic migration={found} />
          <Card title="Steps" wide>
            <Table
              caption="Steps of the migration"
              columns={[
                { label: 'Step', value: (row) => row.step },
                { label: 'Took', numeric: true, value: (row) => ms(row.tookMs) },
                {
                  label: '',
                  value: (row) => (
                    <Badge tone={row.running ? 'info' : 'good'}>{row.running ? 'under way' : 'done'}</Badge>
                  ),
                },
                { label: 'Notes', value: (row) => row.note ?? '' },
              ]}
              rows={stepRows(found, Date.now())}
              keyOf={(row) => row.step}
              empty={<p>It has not begun yet: a control worker takes it up in a moment.</p>}
            />
          </Card>
        </div>
      )}
    </QueryView>
  );
}

function State({ migration, reload }: { migration: MigrationView; reload: () => void }) {
  const [asked, setAsked] = useState<'approve' | 'abort'>();
  const { id, function: name, state, from, to, reason, error, createdAt, endedAt, workflowId } = migration;
  return (
    <Card title="State">
      <p role="status" data-state={state}>
        <StateBadge state={state} /> {waitsForApproval(migration) && <Badge tone="warn">waits for approval</Badge>}
        {error !== null && <span> {error}</span>}
      </p>
      <ul>
        <li>
          {name} from {from ?? 'the node with most of its traffic'} to {to}; asked for by {reason}
        </li>
        <li>
          Began {time(createdAt)}
          {endedAt !== null && `, ended ${time(endedAt)}`}
        </li>
        <li>
          Workflow <TemporalLink workflowId={workflowId} />
        </li>
      </ul>
      {state === 'running' && (
        <NeedsScope scope="deploy" to="approve or abort it">
          <div class="actions">
            {waitsForApproval(migration) && (
              <Button kind="main" onClick={() => setAsked('approve')}>
                Approve
              </Button>
            )}
            <Button
              kind="danger"
              disabled={!mayAbort(migration)}
              title={mayAbort(migration) ? '' : 'The old node is out: it only goes forward.'}
              onClick={() => setAsked('abort')}
            >
              Abort
            </Button>
          </div>
        </NeedsScope>
      )}
      {asked === 'approve' && (
        <ConfirmDialog
          title="Let traffic move?"
          confirm="Approve"
          cli={`presage migration approve ${id}`}
          onConfirm={() => send('POST', `/v1/migrations/${encodeURIComponent(id)}/approve`).then(reload)}
          onClose={() => setAsked(undefined)}
        >
          <p>
            Its traffic moves to {to} step by step. It can be aborted until {from ?? 'the old node'} is taken out.
          </p>
        </ConfirmDialog>
      )}
      {asked === 'abort' && <AbortDialog migration={migration} onClose={() => setAsked(undefined)} reload={reload} />}
    </Card>
  );
}

function AbortDialog(props: { migration: MigrationView; onClose: () => void; reload: () => void }) {
  const { migration, onClose, reload } = props;
  const [reason, setReason] = useState('');
  const body = reason.trim() === '' ? {} : { reason: reason.trim() };
  return (
    <ConfirmDialog
      title="Put everything back?"
      confirm="Abort the migration"
      danger
      cli={`presage migration abort ${migration.id}`}
      onConfirm={() => send('POST', `/v1/migrations/${encodeURIComponent(migration.id)}/abort`, body).then(reload)}
      onClose={onClose}
    >
      <p>All traffic goes back to {migration.from ?? 'the old node'}; no request fails.</p>
      <TextField label="Why" hint="for people; may stay empty" value={reason} onText={setReason} />
    </ConfirmDialog>
  );
}

function Traffic({ migration }: { migration: MigrationView }) {
  const name = encodeURIComponent(migration.function);
  const running = migration.state === 'running' ? { everyMs: EVERY_MS } : {};
  const placement = useQuery<PlacementView>(`/v1/functions/${name}/placement`, running);
  const live = useQuery<PageOf<InstanceView>>(`/v1/instances?function=${name}&live=true&limit=1000`, running);
  const rows = placement.data ? shareRows(migration, placement.data, live.data?.items ?? []) : [];
  const inUse = rows.reduce((sum, row) => sum + row.inUse, 0);
  return (
    <Card title="Traffic now">
      <QueryView query={placement}>
        {() => (
          <>
            <div class="shares" aria-hidden="true">
              {rows
                .filter(({ percent }) => percent > 0)
                .map(({ node, percent }) => (
                  <span key={node} style={{ width: `${percent}%` }} class={node === migration.to ? 'to' : ''} />
                ))}
            </div>
            <Table
              caption="Traffic by node"
              columns={[
                { label: 'Node', value: (row) => row.node },
                { label: 'Traffic', numeric: true, value: (row) => `${row.percent} %` },
                { label: 'Instances', numeric: true, value: (row) => row.instances },
                { label: 'With requests in flight', numeric: true, value: (row) => row.inUse },
              ]}
              rows={rows}
              keyOf={(row) => row.node}
              empty={null}
            />
            <Figures>
              <Figure
                id="in-flight"
                label="Instances with requests in flight"
                value={inUse}
                note={migration.state === 'running' ? 'each second' : 'as it stands'}
              />
            </Figures>
          </>
        )}
      </QueryView>
      <QueryView query={live}>{() => null}</QueryView>
    </Card>
  );
}
