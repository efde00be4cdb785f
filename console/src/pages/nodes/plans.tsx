import { useState } from 'preact/hooks';
import { href, navigate } from '../../app/router';
import type { PageOf, PlanView } from '../../lib/answers';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { numberOrText, unlessEmpty } from '../../lib/field-text';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useSending } from '../../lib/use-sending';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { Problem } from '../../ui/problem';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TextField } from '../../ui/text-field';
import { StateBadge } from '../functions/state-badge';
import { Form } from '../../ui/form';

const EVERY_MS = 15_000;

/** Plans of placement: those that were made, and a new one that moves nothing. */
export default function PlansPage() {
  return (
    <>
      <p>
        <a href={href('nodes')}>Nodes</a>
      </p>
      <h1>Plans of placement</h1>
      <NeedsScope scope="read" to="see plans of placement">
        <Plans />
      </NeedsScope>
    </>
  );
}

function Plans() {
  const [moving, setMoving] = useState(false);
  const plans = useQuery<PageOf<PlanView>>(`/v1/placement/plans?limit=50${moving ? '&moves=true' : ''}`, {
    everyMs: EVERY_MS,
  });
  return (
    <div class="grid">
      <Card title="Plan now">
        <NeedsScope scope="deploy" to="make a plan">
          <PlanForm />
        </NeedsScope>
      </Card>
      <Card
        title="Plans so far"
        wide
        actions={
          <Button pressed={moving} onClick={() => setMoving(!moving)}>
            Only those that move something
          </Button>
        }
      >
        <QueryView query={plans}>
          {({ items }) => (
            <Table
              caption="Plans of placement, the newest first"
              columns={[
                { label: 'Made', value: (plan) => <a href={href('nodes', 'plans', plan.id)}>{time(plan.at)}</a> },
                { label: 'Verdict', value: (plan) => <StateBadge state={plan.verdict} /> },
                { label: 'Moves', numeric: true, value: (plan) => plan.moves.length },
                { label: 'Dry run', value: (plan) => (plan.dryRun ? 'yes' : 'no') },
                { label: 'Because', value: (plan) => plan.reason },
              ]}
              rows={items}
              keyOf={(plan) => plan.id}
              empty={
                <p>
                  No plan yet: one is made each five minutes where there are several nodes and{' '}
                  <code>network.latency</code> says how far apart their regions are. Make one above, or{' '}
                  <code>presage placement plan --dry-run</code>.
                </p>
              }
            />
          )}
        </QueryView>
      </Card>
    </div>
  );
}

function PlanForm() {
  const [wish, setWish] = useState({ maxMoves: '', threshold: '' });
  const sending = useSending();
  const submit = async () => {
    const body = {
      dryRun: true,
      ...unlessEmpty('maxMoves', wish.maxMoves, numberOrText(wish.maxMoves)),
      ...unlessEmpty('threshold', wish.threshold, numberOrText(wish.threshold)),
    };
    const made = await sending.run(() => send<{ id: string }>('POST', '/v1/placement/plan', body));
    if (made) navigate(href('nodes', 'plans', made.id));
  };
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Moves at most"
        hint="empty: as configured"
        value={wish.maxMoves}
        error={fieldError(sending.error, 'maxMoves')}
        onText={(maxMoves) => setWish({ ...wish, maxMoves })}
      />
      <TextField
        label="Least saving of a move"
        hint="share of what the function costs, such as 0.1; empty: as configured"
        value={wish.threshold}
        error={fieldError(sending.error, 'threshold')}
        onText={(threshold) => setWish({ ...wish, threshold })}
      />
      {sending.error && <Problem error={sending.error} />}
      <Button kind="main" busy={sending.busy}>
        Make a dry run
      </Button>
      <p class="hint">
        Nothing moves. The same by command:{' '}
        <code>presage placement plan --dry-run{wish.maxMoves === '' ? '' : ` --max-moves ${wish.maxMoves}`}</code>
      </p>
    </Form>
  );
}
