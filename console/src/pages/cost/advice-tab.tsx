import { useEffect, useState } from 'preact/hooks';
import type { AdviceView, CostSearchView } from '../../lib/answers';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { unlessEmpty } from '../../lib/field-text';
import { moneyOfPico } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useUntilEnd } from '../../lib/use-until-end';
import { useSending } from '../../lib/use-sending';
import { useSession } from '../../session/session';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { Problem } from '../../ui/problem';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TemporalLink } from '../../ui/temporal-link';
import { TextField } from '../../ui/text-field';
import { StateBadge } from '../functions/state-badge';
import { adviceAction, evidenceText, type AdviceAction } from './advice-model';
import { Form } from '../../ui/form';

const EVERY_MS = 10_000;

/** What could be saved, with its evidence; applying it, and taking it back. */
export function AdviceTab() {
  const { can } = useSession();
  const query = useQuery<{ items: readonly AdviceView[] }>('/v1/cost/recommendations?limit=1000', {
    everyMs: EVERY_MS,
  });
  const [asked, setAsked] = useState<{ advice: AdviceView; action: AdviceAction }>();
  return (
    <div class="grid">
      <Card title="Recommendations" wide>
        <QueryView query={query}>
          {({ items }) => (
            <Table
              caption="Recommendations, the greatest saving first"
              columns={[
                { label: 'Recommendation', value: (advice) => <What advice={advice} /> },
                { label: 'Evidence', value: (advice) => <Evidence advice={advice} /> },
                { label: 'Saves a month', numeric: true, value: (advice) => moneyOfPico(advice.monthlySavingPico) },
                { label: 'Confidence', value: (advice) => advice.confidence },
                {
                  label: 'State',
                  value: (advice) => (
                    <>
                      <StateBadge state={advice.state} /> {advice.reason}
                      {advice.workflowId !== null && (
                        <>
                          {' '}
                          <TemporalLink workflowId={advice.workflowId} />
                        </>
                      )}
                    </>
                  ),
                },
                {
                  label: 'Actions',
                  value: (advice) => {
                    const action = adviceAction(advice.state);
                    return action === null ? (
                      ''
                    ) : (
                      <Button
                        kind={action === 'apply' ? 'main' : 'plain'}
                        disabled={!can('deploy')}
                        title={can('deploy') ? '' : 'It needs the scope deploy.'}
                        onClick={() => setAsked({ advice, action })}
                      >
                        {action === 'apply' ? 'Apply' : 'Revert'}
                        <span class="unseen"> {advice.title}</span>
                      </Button>
                    );
                  },
                },
              ]}
              rows={items}
              keyOf={({ id }) => id}
              empty={
                <p>
                  Nothing was found to save. It is looked for each six hours; look now below, or:{' '}
                  <code>presage cost recommend --refresh</code>
                </p>
              }
            />
          )}
        </QueryView>
      </Card>
      <Card title="Look for savings now">
        <NeedsScope scope="deploy" to="look for savings">
          <Search done={query.reload} />
        </NeedsScope>
      </Card>
      {asked && <ActionDialog {...asked} onClose={() => setAsked(undefined)} changed={query.reload} />}
    </div>
  );
}

function What({ advice: { title, does, undo, function: name, tenant } }: { advice: AdviceView }) {
  return (
    <>
      <strong>{title}</strong>
      <br />
      {does}
      <br />
      <span class="hint">
        Taken back: {undo}.{' '}
        {name !== null ? `Of ${tenant ?? ''}/${name}.` : tenant === null ? 'Of the whole platform.' : ''}
      </span>
    </>
  );
}

function Evidence({ advice: { evidence } }: { advice: AdviceView }) {
  return (
    <ul>
      {evidence.map((item) => (
        <li key={item.name}>{evidenceText(item)}</li>
      ))}
    </ul>
  );
}

function ActionDialog(props: { advice: AdviceView; action: AdviceAction; onClose: () => void; changed: () => void }) {
  const { advice, action, onClose, changed } = props;
  const [watch, setWatch] = useState('1h');
  const path = `/v1/cost/recommendations/${encodeURIComponent(advice.id)}/${action}`;
  const body = action === 'apply' ? unlessEmpty('window', watch, watch.trim()) : undefined;
  return (
    <ConfirmDialog
      title={`${action === 'apply' ? 'Apply' : 'Take back'}: ${advice.title}?`}
      confirm={action === 'apply' ? 'Apply' : 'Take back'}
      cli={`presage cost ${action} ${advice.id}`}
      onConfirm={() => send('POST', path, body).then(changed)}
      onClose={onClose}
    >
      <p>{action === 'apply' ? advice.does : advice.undo}</p>
      {action === 'apply' && (
        <TextField
          label="Judged after"
          hint="1m to 7d; taken back by itself if it lost"
          value={watch}
          onText={setWatch}
        />
      )}
    </ConfirmDialog>
  );
}

function Search({ done }: { done: () => void }) {
  const [span, setSpan] = useState('24h');
  const [id, setId] = useState<string>();
  const sending = useSending();
  const search = useUntilEnd<CostSearchView>(id === undefined ? null : `/v1/cost/searches/${id}`);
  const state = search.data?.state;
  useEffect(() => {
    if (state === 'done') done();
  }, [state, id]);
  const submit = async () => {
    const begun = await sending.run(() =>
      send<{ id: string }>('POST', '/v1/cost/recommendations', unlessEmpty('window', span, span.trim())),
    );
    if (begun) setId(begun.id);
  };
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Look at"
        hint="what was recorded, up to now; 1m to 7d"
        value={span}
        error={fieldError(sending.error, 'window')}
        onText={setSpan}
      />
      {sending.error && <Problem error={sending.error} />}
      <Button kind="main" busy={sending.busy || state === 'running'}>
        Look
      </Button>
      <p role="status">{searchText(search.data)}</p>
      {search.error && <Problem error={search.error} />}
      <p class="hint">
        The same by command: <code>presage cost recommend --refresh --window {span}</code>
      </p>
    </Form>
  );
}

function searchText(search: CostSearchView | undefined): string {
  if (!search) return '';
  if (search.state === 'running') return 'Looking…';
  if (search.state === 'failed') return `It could not be looked for: ${search.error ?? 'no reason is known'}`;
  return `${search.found ?? 0} found.`;
}
