import { useState } from 'preact/hooks';
import { START_KINDS } from '../../../../core/start/start';
import { href, navigate } from '../../app/router';
import type { InvocationView, ListedFunction, PageOf } from '../../lib/answers';
import { useQuery } from '../../lib/use-query';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { Field } from '../../ui/field';
import { QueryView } from '../../ui/query-view';
import { InvocationTable } from '../function/invocation-table';
import { invocationId } from './find-id';
import '../functions/functions.css';
import '../function/function.css';

/** Invocations of all functions, and the way to one whose id is known. */
export default function InvocationsPage() {
  const [filter, setFilter] = useState({ function: '', kind: '', status: '' });
  const wanted = new URLSearchParams({ limit: '100', ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '')) });
  const query = useQuery<PageOf<InvocationView>>(`/v1/invocations?${wanted.toString()}`, { everyMs: 5_000 });
  const functions = useQuery<PageOf<ListedFunction>>('/v1/functions?limit=1000');
  const choose = (part: Partial<typeof filter>) => setFilter((before) => ({ ...before, ...part }));
  return (
    <>
      <h1>Invocations</h1>
      <div class="grid">
        <FindById />
        <Card title="Newest" wide>
          <div class="filters">
            <Field label="Function">
              {(control) => (
                <select {...control} value={filter.function} onChange={(event) => choose({ function: event.currentTarget.value })}>
                  <option value="">all</option>
                  {functions.data?.items.map(({ name }) => (
                    <option value={name}>{name}</option>
                  ))}
                </select>
              )}
            </Field>
            <Field label="Start kind">
              {(control) => (
                <select {...control} value={filter.kind} onChange={(event) => choose({ kind: event.currentTarget.value })}>
                  <option value="">all</option>
                  {START_KINDS.map((kind) => (
                    <option value={kind}>{kind}</option>
                  ))}
                </select>
              )}
            </Field>
            <Field label="Answer">
              {(control) => (
                <select {...control} value={filter.status} onChange={(event) => choose({ status: event.currentTarget.value })}>
                  <option value="">all</option>
                  <option value="ok">good</option>
                  <option value="error">failed</option>
                </select>
              )}
            </Field>
          </div>
          <QueryView query={query}>
            {({ items }) => (
              <InvocationTable
                caption="Invocations, newest first"
                several
                rows={items}
                empty={
                  <p>
                    There are none that fit. Call a function: <code>presage invoke NAME</code>
                  </p>
                }
              />
            )}
          </QueryView>
        </Card>
      </div>
    </>
  );
}

function FindById() {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const submit = (event: Event) => {
    event.preventDefault();
    const found = invocationId(text);
    if ('problem' in found) return setProblem(found.problem);
    navigate(href('invocations', found.id));
  };
  return (
    <Card title="Find one">
      <form noValidate onSubmit={submit}>
        <Field label="Id" hint="from the header x-request-id of its answer, or a line of a log" error={problem}>
          {(control) => <input {...control} value={text} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        <Button kind="main">Explain it</Button>
      </form>
    </Card>
  );
}
