import { useEffect, useState } from 'preact/hooks';
import { href } from '../../app/router';
import type { DeployAnswer, DeploymentView } from '../../lib/answers';
import { ms } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Card } from '../../ui/card';
import { QueryView } from '../../ui/query-view';
import { shownSteps, withStep, type SeenStep } from './deployment-steps';
import { StateBadge } from './state-badge';

const LOOK_MS = 500;
const MARKS = { done: '✓', running: '…', failed: '✕' } as const;

/** What came of a deploy: the deployment with its phases until it has ended, or that nothing had to be done. */
export function DeploymentProgress({ answer }: { answer: DeployAnswer }) {
  const { deployment, revision } = answer;
  const name = <a href={href('functions', answer.function)}>{answer.function}</a>;
  if (deployment?.state !== 'running') {
    return (
      <Card title="Nothing has changed">
        <p role="status">
          Revision {revision} of {name} serves already: equal code and configuration are the same revision.
        </p>
      </Card>
    );
  }
  return <Deployment key={deployment.id} begin={deployment} />;
}

/** A deployment that was running when the page came; it is looked at until it ends. */
export function Deployment({ begin }: { begin: DeploymentView }) {
  const [ended, setEnded] = useState(false);
  const [seen, setSeen] = useState<readonly SeenStep[]>([]);
  const query = useQuery<DeploymentView>(
    `/v1/deployments/${encodeURIComponent(begin.id)}`,
    ended ? {} : { everyMs: LOOK_MS },
  );
  const { data } = query;
  useEffect(() => {
    if (!data) return;
    setSeen((before) => withStep(before, data, Date.now()));
    setEnded(data.state !== 'running');
  }, [data]);
  const name = begin.function;
  return (
    <Card
      title={`Deployment of ${name}, revision ${begin.revision}`}
      actions={<StateBadge state={data?.state ?? begin.state} />}
    >
      <QueryView query={query}>
        {(now) => (
          <>
            <ol class="steps" aria-live="polite" aria-label="Phases">
              {shownSteps(seen, now, Date.now()).map(({ step, state, ms: took }) => (
                <li data-state={state}>
                  <span aria-hidden="true">{MARKS[state]}</span> {step}
                  <span class="unseen">, {state}</span> <span class="hint">{ms(took)}</span>
                </li>
              ))}
            </ol>
            {now.state === 'succeeded' && (
              <p role="status">
                Revision {now.revision} is ready. <a href={`${href('functions', name)}?tab=try`}>Try it</a>, or see{' '}
                <a href={href('functions', name)}>{name}</a>.
              </p>
            )}
            {now.state === 'failed' && (
              <div class="problem" role="alert">
                <p>
                  <strong>It failed.</strong> {now.error ?? 'No reason was given.'}
                </p>
                <p class="hint">
                  What served before goes on. See{' '}
                  <a href={`${href('functions', name)}?tab=logs`}>what the function wrote</a>, or the workflow{' '}
                  <code>{now.workflowId}</code> in the Temporal UI.
                </p>
              </div>
            )}
          </>
        )}
      </QueryView>
    </Card>
  );
}
