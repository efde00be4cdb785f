import { workflowUrl } from '../../../core/control/workflow-link';
import type { StatusView } from '../lib/answers';
import { useQuery } from '../lib/use-query';

/** A workflow by its id, with a way to Temporal's UI for who may go there and where one is known. */
export function TemporalLink({ workflowId }: { workflowId: string }) {
  const { data } = useQuery<StatusView>('/v1/status');
  const ui = data?.temporalUi;
  return ui === undefined || ui === null ? (
    <code>{workflowId}</code>
  ) : (
    <OutsideLink url={workflowUrl(ui, workflowId)}>{workflowId}</OutsideLink>
  );
}

/** A link that leaves the console; the page stays open behind it. */
export function OutsideLink({ url, children }: { url: string; children: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {children}
      <span class="unseen"> (Temporal UI, in a new tab)</span>
      <span aria-hidden="true"> ↗</span>
    </a>
  );
}
