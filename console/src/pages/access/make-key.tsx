import { useState } from 'preact/hooks';
import type { Scope } from '../../../../gateway/api/api-context';
import type { NewKeyView } from '../../lib/answers';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { useSending } from '../../lib/use-sending';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { TextField } from '../../ui/text-field';
import { expiryOf, problemOf } from './key-form';
import { Form } from '../../ui/form';

const SCOPES: Readonly<Record<Scope, string>> = {
  invoke: 'call functions',
  read: 'see everything of the tenant',
  deploy: 'deploy, set secrets and aliases',
  admin: 'all of that, and keys',
};

/** The form of a new key. */
export function MakeKey(props: { made: (key: NewKeyView) => void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['invoke']);
  const [expires, setExpires] = useState('90d');
  const [sent, setSent] = useState(false);
  const { busy, error, run } = useSending();
  const expiry = expiryOf(expires, Date.now());
  const own = {
    name: name.trim() === '' ? 'is empty: say what the key is for, e.g. ci' : undefined,
    scopes: scopes.length === 0 ? 'none is chosen: choose what the key may do' : undefined,
    expiresAt: problemOf(expiry),
  };
  const shown = (field: keyof typeof own): string | undefined =>
    (sent ? own[field] : undefined) ?? fieldError(error, field);

  const submit = async () => {
    setSent(true);
    if ('problem' in expiry || Object.values(own).some((problem) => problem !== undefined)) return;
    const made = await run(() => send<NewKeyView>('POST', '/v1/keys', { name, scopes, expiresAt: expiry.value }));
    if (!made) return;
    props.made(made);
    setName('');
    setSent(false);
  };
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((each) => each !== scope) : [...scopes, scope]);
  return (
    <Form onSubmit={submit}>
      <TextField label="Name" hint="what it is for" error={shown('name')} value={name} onText={setName} />
      <fieldset class="choice">
        <legend>Scopes</legend>
        {(Object.keys(SCOPES) as Scope[]).map((scope) => (
          <label>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} /> {scope}:{' '}
            {SCOPES[scope]}
          </label>
        ))}
        {shown('scopes') !== undefined && (
          <p class="error" role="alert">
            {shown('scopes')}
          </p>
        )}
      </fieldset>
      <TextField
        label="Works for"
        hint="a duration such as 90d; empty: until it is revoked"
        error={shown('expiresAt')}
        value={expires}
        onText={setExpires}
      />
      {error && <Problem error={error} />}
      <Button kind="main" busy={busy}>
        Make the key
      </Button>
      <p class="hint">
        The same by command:{' '}
        <code>
          presage key create {name || 'NAME'} --scope {scopes.join(' ') || 'SCOPE'}
          {expires === '' ? '' : ` --expires ${expires}`}
        </code>
      </p>
    </Form>
  );
}
