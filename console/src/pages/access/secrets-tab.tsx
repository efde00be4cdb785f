import { useState } from 'preact/hooks';
import type { PageOf, SecretView } from '../../lib/answers';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { useSending } from '../../lib/use-sending';
import { useSession } from '../../session/session';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { ConfirmDialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { NeedsScope } from '../../ui/needs-scope';
import { Problem } from '../../ui/problem';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { TextField } from '../../ui/text-field';
import { Form } from '../../ui/form';

const pathOf = (name: string): string => `/v1/secrets/${encodeURIComponent(name)}`;

/** The secrets of the tenant, by name: values never come back. */
export function SecretsTab() {
  return (
    <NeedsScope scope="read" to="see the names of secrets">
      <Secrets />
    </NeedsScope>
  );
}

function Secrets() {
  const query = useQuery<PageOf<SecretView>>('/v1/secrets?limit=1000');
  const { can } = useSession();
  const [leaving, setLeaving] = useState<string>();
  return (
    <div class="grid">
      <Card title="Secrets">
        <QueryView query={query}>
          {({ items }) => (
            <Table
              caption="Secrets"
              columns={[
                { label: 'Name', value: ({ name }) => <code>{name}</code> },
                { label: 'Set', value: ({ updatedAt }) => time(updatedAt) },
                {
                  label: 'Actions',
                  value: ({ name }) => (
                    <Button
                      kind="danger"
                      disabled={!can('deploy')}
                      title={can('deploy') ? undefined : 'It needs the scope deploy'}
                      onClick={() => setLeaving(name)}
                    >
                      Delete<span class="unseen"> {name}</span>
                    </Button>
                  ),
                },
              ]}
              rows={items}
              keyOf={({ name }) => name}
              empty={
                <p>
                  There are none. Set one here, or: <code>presage secret set NAME &lt; FILE</code>
                </p>
              }
            />
          )}
        </QueryView>
      </Card>
      <Card title="Set a secret">
        <NeedsScope scope="deploy" to="set secrets">
          <SetSecret done={query.reload} />
        </NeedsScope>
      </Card>
      {leaving !== undefined && (
        <ConfirmDialog
          title={`Delete the secret ${leaving}?`}
          confirm="Delete it"
          danger
          cli={`presage secret delete ${leaving}`}
          onConfirm={() => send('DELETE', pathOf(leaving)).then(query.reload)}
          onClose={() => setLeaving(undefined)}
        >
          <p>Instances that run keep what they have; a function that names it cannot be started any more.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function SetSecret(props: { done: () => void }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [sent, setSent] = useState(false);
  const [said, setSaid] = useState('');
  const { busy, error, run } = useSending();
  const unnamed = name.trim() === '' ? 'is empty: write a name, e.g. database-url' : undefined;
  const empty = value === '' ? 'is empty: write the value' : undefined;
  const submit = async () => {
    setSent(true);
    setSaid('');
    if (unnamed !== undefined || empty !== undefined) return;
    await run(async () => {
      await send('PUT', pathOf(name.trim()), { value });
      setSaid(`${name.trim()} is set; instances started from now on see it.`);
      setValue('');
      setSent(false);
      props.done();
    });
  };
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Name"
        hint="a manifest names it in spec.secrets"
        error={(sent ? unnamed : undefined) ?? fieldError(error, 'name')}
        value={name}
        onText={setName}
      />
      <Field
        label="Value"
        hint="sealed at rest, and never shown again"
        error={(sent ? empty : undefined) ?? fieldError(error, 'value')}
      >
        {(control) => (
          <textarea
            {...control}
            rows={3}
            autocomplete="off"
            spellcheck={false}
            value={value}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
        )}
      </Field>
      {error && <Problem error={error} />}
      <p role="status" class="hint">
        {said}
      </p>
      <Button kind="main" busy={busy}>
        Set the secret
      </Button>
      <p class="hint">
        The same by command: <code>presage secret set {name || 'NAME'}</code>, with the value on its standard input
      </p>
    </Form>
  );
}
