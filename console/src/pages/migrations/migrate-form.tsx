import { useState } from 'preact/hooks';
import { href, navigate } from '../../app/router';
import type { MigrationView, PageOf, PlacementView, StatusView } from '../../lib/answers';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { numberOrText, numbersOf, unlessEmpty } from '../../lib/field-text';
import { useQuery } from '../../lib/use-query';
import { useSending } from '../../lib/use-sending';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { ChoiceField, TextField } from '../../ui/text-field';
import { migrateCommand, type MigrationWish } from './migration-model';
import { Form } from '../../ui/form';

const NOTHING: MigrationWish = { function: '', to: '', from: '', approval: true, steps: '5, 25, 50', holdSeconds: '5' };

/** Starts a migration, and goes to where it can be watched. */
export function MigrateForm() {
  const [wish, setWish] = useState(NOTHING);
  const [tried, setTried] = useState(false);
  const sending = useSending();
  const placements = useQuery<PageOf<PlacementView>>('/v1/placements?limit=1000');
  const status = useQuery<StatusView>('/v1/status');
  const change = (part: Partial<MigrationWish>) => setWish({ ...wish, ...part });
  const own = {
    function: wish.function === '' ? 'is missing: choose the function that moves' : undefined,
    to: wish.to === '' ? 'is missing: choose the node that it moves to' : undefined,
  };
  const wrong = (path: string): string | undefined =>
    (tried ? own[path as keyof typeof own] : undefined) ?? fieldError(sending.error, path);
  const submit = async () => {
    setTried(true);
    if (own.function !== undefined || own.to !== undefined) return;
    const body = {
      ...{ function: wish.function, to: wish.to, approval: wish.approval },
      ...unlessEmpty('from', wish.from, wish.from),
      ...unlessEmpty('steps', wish.steps, numbersOf(wish.steps)),
      ...unlessEmpty('holdSeconds', wish.holdSeconds, numberOrText(wish.holdSeconds)),
    };
    const made = await sending.run(() => send<MigrationView>('POST', '/v1/migrations', body));
    if (made) navigate(href('migrations', made.id));
  };
  const nodes = status.data?.nodes.map(({ name }) => [name, name] as const) ?? [];
  return (
    <Form onSubmit={submit}>
      <ChoiceField
        label="Function"
        value={wish.function}
        error={wrong('function')}
        options={[
          ['', 'choose one'],
          ...(placements.data?.items ?? []).map(({ function: name }) => [name, name] as const),
        ]}
        onChoose={(name) => change({ function: name })}
      />
      <ChoiceField
        label="To"
        value={wish.to}
        error={wrong('to')}
        options={[['', 'choose a node'], ...nodes]}
        onChoose={(to) => change({ to })}
      />
      <ChoiceField
        label="From"
        value={wish.from}
        error={wrong('from')}
        options={[['', 'the node with most of its traffic'], ...nodes]}
        onChoose={(from) => change({ from })}
      />
      <TextField
        label="Steps of traffic"
        hint="percent on the new node, rising; 100 follows by itself"
        value={wish.steps}
        error={wrong('steps')}
        onText={(steps) => change({ steps })}
      />
      <TextField
        label="Seconds at each step"
        hint="0 to 3600"
        value={wish.holdSeconds}
        error={wrong('holdSeconds')}
        onText={(holdSeconds) => change({ holdSeconds })}
      />
      <p>
        <label>
          <input
            type="checkbox"
            checked={wish.approval}
            onChange={(event) => change({ approval: event.currentTarget.checked })}
          />{' '}
          Wait for my approval before traffic moves
        </label>
      </p>
      {placements.error && <Problem error={placements.error} retry={placements.reload} />}
      {sending.error && <Problem error={sending.error} />}
      <Button kind="main" busy={sending.busy}>
        Move it
      </Button>
      <p class="hint">
        No request fails. The same by command: <code>{migrateCommand(wish)}</code>
      </p>
    </Form>
  );
}
