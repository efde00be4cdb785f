import { useEffect, useState } from 'preact/hooks';
import type { ConsoleConfig } from '../../../gateway/console/console-config';
import { ApiError } from '../lib/api';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Problem } from '../ui/problem';
import { consoleConfig } from './console-config';
import { keyMistake } from './key-mistake';
import { leaveForLogin } from './oidc';
import type { LoggedOut } from './use-login';
import { Form } from '../ui/form';

/** Asks for an API key, or leads to an issuer that the gateway takes tokens of. */
export function Login(props: { login: LoggedOut }) {
  const { login } = props;
  const [key, setKey] = useState('');
  const [mistake, setMistake] = useState<string>();
  const [config, setConfig] = useState<ConsoleConfig>();
  const [away, setAway] = useState<ApiError>();
  useEffect(() => {
    document.title = 'Log in · Presage';
    consoleConfig().then(setConfig, (error: unknown) => error instanceof ApiError && setAway(error));
  }, []);
  const submit = () => {
    const wrong = keyMistake(key);
    setMistake(wrong);
    if (wrong === undefined) void login.logIn({ kind: 'key', key: key.trim() });
  };
  return (
    <main class="login">
      <h1>Presage</h1>
      <Form onSubmit={submit}>
        <Field
          label="API key"
          error={mistake}
          hint={
            <>
              Kept in this tab until it is closed. On the machine of the platform it is in{' '}
              <code>.presage/client.json</code>; another is made by <code>presage key create NAME --scope read</code>.
            </>
          }
        >
          {(control) => (
            <input
              {...control}
              type="password"
              autocomplete="current-password"
              spellcheck={false}
              value={key}
              onInput={(event) => setKey(event.currentTarget.value)}
            />
          )}
        </Field>
        <Button kind="main" busy={login.busy}>
          Log in
        </Button>
      </Form>
      {config?.issuers.map((issuer) => (
        <Button onClick={() => void leaveForLogin(issuer)} disabled={login.busy}>
          Log in with {new URL(issuer.issuer).host}
        </Button>
      ))}
      {config?.unreachable.map((issuer) => (
        <p class="hint">The issuer {issuer} cannot be reached by the gateway just now; load this page again later.</p>
      ))}
      {login.error ? <Problem error={login.error} /> : away && <Problem error={away} retry={() => location.reload()} />}
    </main>
  );
}
