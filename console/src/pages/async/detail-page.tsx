import { useState } from 'preact/hooks';
import type { PageProps } from '../../routes';
import { href } from '../../app/router';
import type { AsyncDetailView } from '../../lib/answers';
import { open, send } from '../../lib/api';
import { bytes, ms, time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useSending } from '../../lib/use-sending';
import { useSession } from '../../session/session';
import { Button } from '../../ui/button';
import { Card, Figure, Figures } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { Problem } from '../../ui/problem';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { StateBadge } from '../functions/state-badge';
import { inWords } from './async-words';
import { RedriveDialog } from './index';
import '../functions/functions.css';
import '../function/function.css';

const MOST_SHOWN = 100_000;

/** One asynchronous invocation: its state, its tries, its answer. */
export default function AsyncDetailPage({ params }: PageProps) {
  const id = params['id'] ?? '';
  return (
    <>
      <h1>
        Asynchronous invocation <code>{id}</code>
      </h1>
      <NeedsScope scope="invoke" to="see one asynchronous invocation">
        <Detail id={id} />
      </NeedsScope>
    </>
  );
}

function Detail({ id }: { id: string }) {
  const query = useQuery<AsyncDetailView>(`/v1/async/${encodeURIComponent(id)}`, { everyMs: 2_000 });
  const { can } = useSession();
  const [asking, setAsking] = useState<'redrive' | 'cancel'>();
  return (
    <QueryView query={query}>
      {(found) => (
        <div class="grid">
          <Card
            title="How it stands"
            wide
            actions={
              <>
                <StateBadge state={found.state} />
                {['dead', 'failed', 'cancelled'].includes(found.state) && (
                  <Button
                    kind="main"
                    disabled={!can('deploy')}
                    title={can('deploy') ? undefined : 'It needs the scope deploy'}
                    onClick={() => setAsking('redrive')}
                  >
                    Redrive
                  </Button>
                )}
                {found.endedAt === null && (
                  <Button
                    kind="danger"
                    disabled={!can('deploy')}
                    title={can('deploy') ? undefined : 'It needs the scope deploy'}
                    onClick={() => setAsking('cancel')}
                  >
                    Cancel
                  </Button>
                )}
              </>
            }
          >
            <p role="status">
              <code>{`${found.method} ${found.path}`}</code> of{' '}
              <a href={href('functions', found.function)}>{found.function}</a>, by {found.origin}: {inWords(found)}
            </p>
            <Figures>
              <Figure label="Accepted" value={time(found.acceptedAt)} />
              <Figure label="Tries" value={found.tries} note={`${found.failures} of them failed in the function`} />
              <Figure
                label={found.endedAt === null ? 'Next try' : 'Ended'}
                value={time(found.endedAt ?? found.dueAt)}
                note={
                  found.forgetAt === null
                    ? `no try after ${time(found.expiresAt)}`
                    : `kept until ${time(found.forgetAt)}`
                }
              />
              {found.idempotencyKey !== null && <Figure label="Idempotency key" value={found.idempotencyKey} />}
            </Figures>
          </Card>
          <Card title="Tries">
            <Table
              caption="Tries that are over"
              columns={[
                { label: 'Try', numeric: true, value: (row) => row.try },
                { label: 'At', value: ({ at }) => time(at) },
                { label: 'Took', numeric: true, value: (row) => ms(row.ms) },
                { label: 'Answer', numeric: true, value: ({ status }) => status ?? '–' },
                { label: 'Error', value: ({ error }) => error ?? '' },
              ]}
              rows={found.history}
              keyOf={(row) => `${row.try}/${row.at}`}
              empty={<p>No try has ended yet.</p>}
            />
            <p class="hint">
              <a href={href('invocations', id)}>Where the time of the newest went</a>. The same by command:{' '}
              <code>presage async describe {id}</code>
            </p>
          </Card>
          <Card title="Answer">
            {found.result === null ? (
              <p class="empty">There is none yet, or none was kept.</p>
            ) : (
              <Result id={id} result={found.result} />
            )}
          </Card>
          {asking === 'redrive' && (
            <RedriveDialog ids={[id]} done={query.reload} onClose={() => setAsking(undefined)} />
          )}
          {asking === 'cancel' && (
            <ConfirmDialog
              title="Cancel this invocation?"
              confirm="Cancel it"
              danger
              cli={`presage async cancel ${id}`}
              onConfirm={() => send('POST', `/v1/async/${encodeURIComponent(id)}/cancel`).then(query.reload)}
              onClose={() => setAsking(undefined)}
            >
              <p>A try under way is broken off; no other follows. It can be redriven later.</p>
            </ConfirmDialog>
          )}
        </div>
      )}
    </QueryView>
  );
}

function Result({ id, result }: { id: string; result: NonNullable<AsyncDetailView['result']> }) {
  const [body, setBody] = useState<string>();
  const { busy, error, run } = useSending();
  const show = async () => {
    const response = await run(() => open('GET', `/v1/async/${encodeURIComponent(id)}/result`));
    if (response) setBody((await response.text()).slice(0, MOST_SHOWN));
  };
  return (
    <>
      <Figures>
        <Figure id="async-status" label="Status" value={result.status} />
        <Figure label="Body" value={bytes(result.bytes)} note={result.truncated ? 'too large to be kept' : undefined} />
      </Figures>
      {error && <Problem error={error} />}
      {body === undefined ? (
        !result.truncated && (
          <Button busy={busy} onClick={() => void show()}>
            Show the body
          </Button>
        )
      ) : (
        <pre class="answer" tabIndex={0} role="region" aria-label="Body of the answer">
          {body}
        </pre>
      )}
      <details>
        <summary>{result.headers.length} headers</summary>
        <pre>{result.headers.map(([name, value]) => `${name}: ${value}`).join('\n')}</pre>
      </details>
    </>
  );
}
