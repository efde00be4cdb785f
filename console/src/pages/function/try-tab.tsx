import { useEffect, useRef, useState } from 'preact/hooks';
import type { StartKind } from '../../../../core/start/start';
import { href } from '../../app/router';
import { ms } from '../../lib/format';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card, Figure, Figures } from '../../ui/card';
import { Field } from '../../ui/field';
import { NeedsScope } from '../../ui/needs-scope';
import { ChoiceField, TextField } from '../../ui/text-field';
import { AsyncState } from '../async/async-state';
import type { TabProps } from './index';
import { sendTry, type TryAnswer } from './send-try';
import { StartBadge } from './start-badge';
import { METHODS, readRequest, type TypedRequest } from './try-request';
import { Form } from '../../ui/form';

const BEGIN: TypedRequest = { method: 'GET', path: '/', headers: '', body: '', alias: 'live', async: false };

/** Calls the function from the browser. */
export function TryTab({ fn }: TabProps) {
  const [typed, setTyped] = useState(BEGIN);
  const [shownProblems, setShownProblems] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [answer, setAnswer] = useState<TryAnswer>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const change = (part: Partial<TypedRequest>) => setTyped((before) => ({ ...before, ...part }));
  const request = readRequest(fn.path, typed);
  const problems = shownProblems ? request.problems : {};
  const aliases = fn.aliases.map(({ name }) => name);

  const submit = async () => {
    setShownProblems(true);
    if (Object.keys(request.problems).length > 0) return;
    const mine = (running.current = new AbortController());
    setBusy(true);
    setFailure(undefined);
    setAnswer(undefined);
    try {
      setAnswer(await sendTry(request, mine.signal));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!mine.signal.aborted) setFailure(`No answer came: ${reason}. Is the gateway there? presage status`);
      else setFailure('It was broken off.');
    } finally {
      setBusy(false);
    }
  };

  return (
    <NeedsScope scope="invoke" to="call functions">
      <div class="grid">
        <Card title="Request">
          <Form onSubmit={submit}>
            <div class="filters">
              <ChoiceField
                label="Method"
                value={typed.method}
                options={METHODS.map((method) => [method, method])}
                onChoose={(method) => change({ method })}
              />
              <ChoiceField
                label="Alias"
                value={typed.alias}
                options={(aliases.length === 0 ? ['live'] : aliases).map((name) => [name, name])}
                onChoose={(alias) => change({ alias })}
              />
            </div>
            <TextField
              label="Path"
              hint="within the function, with its query"
              error={problems.path}
              value={typed.path}
              onText={(path) => change({ path })}
            />
            <Field label="Headers" hint="Name: value, one a line" error={problems.headers}>
              {(control) => (
                <textarea
                  {...control}
                  rows={3}
                  value={typed.headers}
                  onInput={(event) => change({ headers: event.currentTarget.value })}
                />
              )}
            </Field>
            <Field label="Body" hint="JSON, unless the headers name another content-type" error={problems.body}>
              {(control) => (
                <textarea
                  {...control}
                  rows={6}
                  spellcheck={false}
                  value={typed.body}
                  onInput={(event) => change({ body: event.currentTarget.value })}
                />
              )}
            </Field>
            <fieldset class="choice">
              <legend>Answer</legend>
              <label>
                <input type="radio" name="mode" checked={!typed.async} onChange={() => change({ async: false })} /> wait
                for it
              </label>
              <label>
                <input type="radio" name="mode" checked={typed.async} onChange={() => change({ async: true })} /> do not
                wait (asynchronous)
              </label>
            </fieldset>
            <div class="actions">
              <Button kind="main" busy={busy}>
                Send
              </Button>
              {busy && <Button onClick={() => running.current?.abort()}>Break off</Button>}
            </div>
            <p class="hint">
              The same by command: <code>{commandOf(fn.name, typed)}</code>
            </p>
          </Form>
        </Card>
        <Card title="Answer">
          <div aria-live="polite">
            {failure !== undefined && (
              <div class="problem" role="alert">
                {failure}
              </div>
            )}
            {answer ? (
              <Answer answer={answer} async={typed.async} />
            ) : (
              failure === undefined && (
                <p class="empty">{busy ? 'Waiting for the answer…' : 'Nothing has been sent yet.'}</p>
              )
            )}
          </div>
        </Card>
      </div>
    </NeedsScope>
  );
}

function Answer({ answer, async }: { answer: TryAnswer; async: boolean }) {
  const { status, statusText, served, headers, body } = answer;
  const asyncId = async && status === 202 && answer.location !== null ? answer.location.split('/').at(-1) : undefined;
  return (
    <>
      <p>
        <Badge tone={status >= 500 ? 'bad' : status >= 400 ? 'warn' : 'good'}>
          {status} {statusText}
        </Badge>{' '}
        {served.kind !== null && <StartBadge kind={served.kind as StartKind} cause={served.cause} />}
      </p>
      <Figures>
        <Figure
          id="try-total"
          label="Total"
          value={ms(answer.totalMs)}
          note={`first byte after ${ms(answer.firstByteMs)}`}
        />
        {served.platformMs !== null && <Figure label="Of it the platform" value={ms(served.platformMs)} />}
        {served.revision !== null && (
          <Figure
            label="Revision"
            value={served.revision}
            note={served.node === null ? undefined : `on ${served.node}`}
          />
        )}
      </Figures>
      {asyncId !== undefined && <AsyncState id={asyncId} />}
      {served.id !== null && asyncId === undefined && (
        <p>
          <a href={href('invocations', served.id)}>Where its time went, and what it cost</a>
        </p>
      )}
      <h3>Body</h3>
      {body === '' ? (
        <p class="empty">It is empty.</p>
      ) : (
        <pre class="answer" tabIndex={0} role="region" aria-label="Body of the answer">
          {body}
        </pre>
      )}
      <details>
        <summary>{headers.length} headers</summary>
        <pre>{headers.map(([name, value]) => `${name}: ${value}`).join('\n')}</pre>
      </details>
    </>
  );
}

function commandOf(name: string, { method, path, headers, body, alias, async }: TypedRequest): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const lines = headers.split('\n').map((line) => line.trim()).filter(Boolean); // prettier-ignore
  return [
    `presage invoke ${name}`,
    ...(method === (body === '' ? 'GET' : 'POST') ? [] : [`-X ${method}`]),
    ...(path === '/' ? [] : [`--path ${quoted(path)}`]),
    ...(alias === 'live' ? [] : [`--alias ${alias}`]),
    ...lines.map((line) => `-H ${quoted(line)}`),
    ...(body === '' ? [] : [`-d ${quoted(body)}`]),
    ...(async ? ['--async'] : []),
    '-v',
  ].join(' ');
}
