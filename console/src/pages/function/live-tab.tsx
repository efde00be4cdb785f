import { useState } from 'preact/hooks';
import { START_KINDS } from '../../../../core/start/start';
import type { InvocationView, PageOf } from '../../lib/answers';
import { count } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Button } from '../../ui/button';
import { Card, Figure, Figures } from '../../ui/card';
import { QueryView } from '../../ui/query-view';
import { ChoiceField } from '../../ui/text-field';
import type { TabProps } from './index';
import { ANSWER_OPTIONS, InvocationTable, KIND_OPTIONS } from './invocation-table';

const LOOK_MS = 1_500;
const SHOWN = 30;

/** Invocations as they happen. */
export function LiveTab({ fn }: TabProps) {
  const [paused, setPaused] = useState(false);
  const [kind, setKind] = useState('');
  const [status, setStatus] = useState('');
  const wanted = new URLSearchParams({ function: fn.name, limit: String(SHOWN) });
  if (kind !== '') wanted.set('kind', kind);
  if (status !== '') wanted.set('status', status);
  const query = useQuery<PageOf<InvocationView>>(
    `/v1/invocations?${wanted.toString()}`,
    paused ? {} : { everyMs: LOOK_MS },
  );
  return (
    <Card
      title="Invocations as they happen"
      actions={
        <Button pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? 'Go on' : 'Hold still'}
        </Button>
      }
    >
      <div class="filters">
        <ChoiceField label="Start kind" value={kind} options={KIND_OPTIONS} onChoose={setKind} />
        <ChoiceField label="Answer" value={status} options={ANSWER_OPTIONS} onChoose={setStatus} />
      </div>
      <QueryView query={query}>
        {({ items }) => (
          <>
            <Figures>
              {START_KINDS.map((each) => (
                <Figure
                  id={`live-${each}`}
                  label={`${each}, of these ${items.length}`}
                  value={count(items.filter((row) => row.kind === each).length)}
                />
              ))}
            </Figures>
            <InvocationTable
              caption={`Invocations of ${fn.name}, newest first`}
              rows={items}
              empty={
                <p>
                  None yet. Try it on the tab “Try it”, or: <code>presage invoke {fn.name}</code>
                </p>
              }
            />
          </>
        )}
      </QueryView>
    </Card>
  );
}
