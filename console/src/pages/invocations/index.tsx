import { useState } from 'preact/hooks';
import { href, navigate } from '../../app/router';
import type { InvocationView, ListedFunction, PageOf } from '../../lib/answers';
import { useQuery } from '../../lib/use-query';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { ChoiceField, TextField } from '../../ui/text-field';
import { ANSWER_OPTIONS, InvocationTable, KIND_OPTIONS } from '../function/invocation-table';
import { invocationId } from './find-id';
import '../functions/functions.css';
import '../function/function.css';
import { Form } from '../../ui/form';

/** Invocations of all functions, and the way to one whose id is known. */
export default function InvocationsPage() {
  return (
    <>
      <h1>Invocations</h1>
      <NeedsScope scope="read" to="see invocations">
        <div class="grid">
          <FindById />
          <Newest />
        </div>
      </NeedsScope>
    </>
  );
}

function Newest() {
  const [filter, setFilter] = useState({ function: '', kind: '', status: '' });
  const wanted = new URLSearchParams({
    limit: '100',
    ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '')),
  });
  const query = useQuery<PageOf<InvocationView>>(`/v1/invocations?${wanted.toString()}`, { everyMs: 5_000 });
  const functions = useQuery<PageOf<ListedFunction>>('/v1/functions?limit=1000');
  const choose = (part: Partial<typeof filter>) => setFilter((before) => ({ ...before, ...part }));
  return (
    <Card title="Newest" wide>
      <div class="filters">
        <ChoiceField
          label="Function"
          value={filter.function}
          options={[['', 'all'], ...(functions.data?.items ?? []).map(({ name }) => [name, name] as const)]}
          onChoose={(name) => choose({ function: name })}
        />
        <ChoiceField
          label="Start kind"
          value={filter.kind}
          options={KIND_OPTIONS}
          onChoose={(kind) => choose({ kind })}
        />
        <ChoiceField
          label="Answer"
          value={filter.status}
          options={ANSWER_OPTIONS}
          onChoose={(status) => choose({ status })}
        />
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
  );
}

function FindById() {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const submit = () => {
    const found = invocationId(text);
    if ('problem' in found) return setProblem(found.problem);
    navigate(href('invocations', found.id));
  };
  return (
    <Card title="Find one">
      <Form onSubmit={submit}>
        <TextField
          label="Id"
          hint="from the header x-request-id of its answer, or a line of a log"
          error={problem}
          value={text}
          onText={setText}
        />
        <Button kind="main">Explain it</Button>
      </Form>
    </Card>
  );
}
