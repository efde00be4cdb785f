import { useState } from 'preact/hooks';
import type { Scope } from '../../../../gateway/api/api-context';
import type { NewKeyView } from '../../lib/answers';
import { ApiError, send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Problem } from '../../ui/problem';
import { expiryOf, problemOf } from './key-form';

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
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(false);
  const expiry = expiryOf(expires, Date.now());
  const own = {
    name: name.trim() === '' ? 'is empty: say what the key is for, e.g. ci' : undefined,
    scopes: scopes.length === 0 ? 'none is chosen: choose what the key may do' : undefined,
    expiresAt: problemOf(expiry),
  };
  const shown = (field: keyof typeof own): string | undefined => (sent ? own[field] : undefined) ?? fieldError(error, field);

  const submit = async () => {
    setSent(true);
    setError(undefined);
    if ('problem' in expiry || Object.values(own).some((problem) => problem !== undefined)) return;
    setBusy(true);
    try {
      props.made(await send<NewKeyView>('POST', '/v1/keys', { name, scopes, expiresAt: expiry.value }));
      setName('');
      setSent(false);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const toggle = (scope: Scope) => setScopes(scopes.includes(scope) ? scopes.filter((each) => each !== scope) : [...scopes, scope]);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label="Name" hint="what it is for" error={shown('name')}>
        {(control) => <input {...control} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <fieldset class="choice">
        <legend>Scopes</legend>
        {(Object.keys(SCOPES) as Scope[]).map((scope) => (
          <label>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} /> {scope}: {SCOPES[scope]}
          </label>
        ))}
        {shown('scopes') !== undefined && (
          <p class="error" role="alert">
            {shown('scopes')}
          </p>
        )}
      </fieldset>
      <Field label="Works for" hint="a duration such as 90d; empty: until it is revoked" error={shown('expiresAt')}>
        {(control) => <input {...control} value={expires} onInput={(event) => setExpires(event.currentTarget.value)} />}
      </Field>
      {error && <Problem error={error} />}
      <Button kind="main" busy={busy}>
        Make the key
      </Button>
      <p class="hint">
        The same by command: <code>presage key create {name || 'NAME'} --scope {scopes.join(' ') || 'SCOPE'}{expires === '' ? '' : ` --expires ${expires}`}</code>
      </p>
    </form>
  );
}
