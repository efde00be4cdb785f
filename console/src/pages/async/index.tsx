import { useState } from 'preact/hooks';
import { ASYNC_STATES } from '../../../../core/async/async-state';
import { href, useLocation } from '../../app/router';
import type { AsyncView, PageOf } from '../../lib/answers';
import { send } from '../../lib/api';
import { time } from '../../lib/format';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { useSession } from '../../session/session';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { ChoiceField } from '../../ui/text-field';
import { StateBadge } from '../functions/state-badge';
import { inWords } from './async-words';
import '../functions/functions.css';

const EVENTS = ['async.dead', 'async.redriven', 'async.cancelled'];

/** Invocations that nobody waits for; `?state=dead` shows the dead letters. */
export default function AsyncPage() {
  return (
    <>
      <h1>Asynchronous invocations</h1>
      <NeedsScope scope="read" to="see asynchronous invocations">
        <AsyncList />
      </NeedsScope>
    </>
  );
}

function AsyncList() {
  const [state, setState] = useState(new URLSearchParams(useLocation().search).get('state') ?? '');
  const query = useQuery<PageOf<AsyncView>>(`/v1/async?limit=200${state === '' ? '' : `&state=${state}`}`, {
    everyMs: 3_000,
  });
  useEvents({ types: EVENTS }, query.reload);
  const { can } = useSession();
  const [redriving, setRedriving] = useState<readonly string[]>();
  return (
    <>
      <Card
        title={state === 'dead' ? 'Dead letters' : 'Newest'}
        actions={
          state === 'dead' && (
            <Button
              disabled={!can('deploy') || (query.data?.items.length ?? 0) === 0}
              title={can('deploy') ? undefined : 'It needs the scope deploy'}
              onClick={() => setRedriving(query.data?.items.map(({ id }) => id))}
            >
              Redrive all of these
            </Button>
          )
        }
      >
        <div class="filters">
          <ChoiceField
            label="State"
            hint="dead: given up after all retries, kept for a redrive"
            value={state}
            options={[['', 'all'], ...ASYNC_STATES.map((each) => [each, each] as const)]}
            onChoose={setState}
          />
        </div>
        <QueryView query={query}>
          {({ items }) => (
            <Table
              caption="Asynchronous invocations, newest first"
              columns={[
                {
                  label: 'Accepted',
                  value: ({ id, acceptedAt }) => <a href={href('async', id)}>{time(acceptedAt)}</a>,
                },
                { label: 'Function', value: (row) => <a href={href('functions', row.function)}>{row.function}</a> },
                { label: 'By', value: ({ origin }) => origin },
                { label: 'Request', value: ({ method, path }) => <code>{`${method} ${path}`}</code> },
                { label: 'State', value: (row) => <StateBadge state={row.state} /> },
                { label: 'Tries', numeric: true, value: ({ tries }) => tries },
                { label: 'What became of it', value: inWords },
                {
                  label: 'Actions',
                  value: (row) =>
                    ['dead', 'failed', 'cancelled'].includes(row.state) && (
                      <Button
                        disabled={!can('deploy')}
                        title={can('deploy') ? undefined : 'It needs the scope deploy'}
                        onClick={() => setRedriving([row.id])}
                      >
                        Redrive<span class="unseen"> {row.id}</span>
                      </Button>
                    ),
                },
              ]}
              rows={items}
              keyOf={({ id }) => id}
              empty={
                <p>
                  {state === 'dead' ? 'There are no dead letters: nothing was given up. ' : 'There are none. '}
                  Make one: <code>presage invoke NAME --async</code>
                </p>
              }
            />
          )}
        </QueryView>
      </Card>
      {redriving && <RedriveDialog ids={redriving} done={query.reload} onClose={() => setRedriving(undefined)} />}
    </>
  );
}

/** Asks before invocations begin anew. */
export function RedriveDialog(props: { ids: readonly string[]; done: () => void; onClose: () => void }) {
  const { ids, done } = props;
  const [only] = ids;
  const one = ids.length === 1;
  return (
    <ConfirmDialog
      title={one ? 'Redrive this invocation?' : `Redrive ${ids.length} invocations?`}
      confirm="Redrive"
      cli={one ? `presage async redrive ${only ?? ''}` : 'presage async redrive --dead FUNCTION'}
      onConfirm={async () => {
        for (const id of ids) await send('POST', `/v1/async/${encodeURIComponent(id)}/redrive`);
        done();
      }}
      onClose={props.onClose}
    >
      <p>
        {one ? 'It begins' : 'They begin'} anew, with all retries, against the revision that the alias points at now.
      </p>
    </ConfirmDialog>
  );
}
