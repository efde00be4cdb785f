import { useState } from 'preact/hooks';
import type { LedgerCheckView } from '../../lib/answers';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { unlessEmpty } from '../../lib/field-text';
import { count, time } from '../../lib/format';
import { useUntilEnd } from '../../lib/use-until-end';
import { useSending } from '../../lib/use-sending';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card, Figure, Figures } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { Problem } from '../../ui/problem';
import { Table } from '../../ui/table';
import { TextField } from '../../ui/text-field';
import { Form } from '../../ui/form';

/** Reckons recorded calls anew, and compares them with what was charged. */
export function ChecksTab() {
  const [id, setId] = useState<string>();
  const check = useUntilEnd<LedgerCheckView>(id === undefined ? null : `/v1/cost/ledger/checks/${id}`);
  return (
    <div class="grid">
      <Card title="Check the ledger">
        <NeedsScope scope="deploy" to="check the ledger">
          <CheckForm busy={check.data?.state === 'running'} begun={setId} />
        </NeedsScope>
      </Card>
      <Card title="What it found">
        {check.error && <Problem error={check.error} />}
        {check.data ? (
          <Found check={check.data} />
        ) : (
          <p class="empty">No check was made from here yet. Each hour one is made by itself.</p>
        )}
      </Card>
    </div>
  );
}

function CheckForm({ busy, begun }: { busy: boolean; begun: (id: string) => void }) {
  const [wish, setWish] = useState({ window: '2h', until: '' });
  const sending = useSending();
  const submit = async () => {
    const body = {
      ...unlessEmpty('window', wish.window, wish.window.trim()),
      ...unlessEmpty('until', wish.until, wish.until.trim()),
    };
    const made = await sending.run(() => send<{ id: string }>('POST', '/v1/cost/ledger/checks', body));
    if (made) begun(made.id);
  };
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Window"
        hint="1m to 7d"
        value={wish.window}
        error={fieldError(sending.error, 'window')}
        onText={(text) => setWish({ ...wish, window: text })}
      />
      <TextField
        label="Until"
        hint="end of the window, such as 2026-11-27T00:00:00Z; empty: now"
        value={wish.until}
        error={fieldError(sending.error, 'until')}
        onText={(until) => setWish({ ...wish, until })}
      />
      {sending.error && <Problem error={sending.error} />}
      <Button kind="main" busy={sending.busy || busy}>
        Check
      </Button>
      <p class="hint">
        The same by command: <code>presage cost check --window {wish.window}</code>
      </p>
    </Form>
  );
}

function Found({ check: { state, error, result } }: { check: LedgerCheckView }) {
  if (state === 'running') return <p role="status">Reckoning…</p>;
  if (!result) return <p role="status">It could not be checked: {error ?? 'no reason is known'}</p>;
  return (
    <>
      <p role="status">
        <Badge tone={result.differences + result.unpriced === 0 ? 'good' : 'bad'}>
          {result.differences === 0 ? 'all sums agree' : `${result.differences} sums differ`}
        </Badge>{' '}
        From {time(result.from)} to {time(result.to)}.
      </p>
      <Figures>
        <Figure id="calls" label="Calls" value={count(result.calls)} />
        <Figure id="sums" label="Sums compared" value={count(result.sums)} note="of a function, minute and component" />
        <Figure
          id="unpriced"
          label="Calls not charged"
          value={count(result.unpriced)}
          note="their price table is not known"
        />
      </Figures>
      {result.examples.length > 0 && (
        <Table
          caption="Sums that differ, dollars"
          columns={[
            { label: 'Minute', value: (row) => time(row.minute) },
            { label: 'Function', value: (row) => row.functionId },
            { label: 'Component', value: (row) => row.component },
            { label: 'Recorded', numeric: true, value: (row) => row.recorded },
            { label: 'Charged', numeric: true, value: (row) => row.charged },
          ]}
          rows={result.examples}
          keyOf={(row) => `${row.functionId} ${row.minute} ${row.component}`}
          empty={null}
        />
      )}
    </>
  );
}
