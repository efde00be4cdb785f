import type { PageProps } from '../../routes';
import { href, navigate, useLocation } from '../../app/router';
import type { FunctionDetail } from '../../lib/answers';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Tabs, type Tab } from '../../ui/tabs';
import { weightsText } from '../functions/function-rows';
import { CheckpointsTab } from './checkpoints-tab';
import { CostTab } from './cost-tab';
import { ForecastTab } from './forecast-tab';
import { InstancesTab } from './instances-tab';
import { LiveTab } from './live-tab';
import { LogsTab } from './logs-tab';
import { RevisionsTab } from './revisions-tab';
import { SettingsTab } from './settings-tab';
import { TryTab } from './try-tab';
import { WarmthTab } from './warmth-tab';
import '../functions/functions.css';
import './function.css';

/** What a tab is about. */
export interface TabProps {
  readonly fn: FunctionDetail;
  /** Reads the function anew, after a change. */
  readonly reload: () => void;
}

const CHANGES = ['deployment.succeeded', 'deployment.failed', 'alias.changed', 'alias.deleted', 'function.rolled-back'];
const TABS: readonly (Omit<Tab, 'content'> & { readonly of: (props: TabProps) => preact.JSX.Element })[] = [
  { id: 'live', label: 'Live', of: (props) => <LiveTab {...props} /> },
  { id: 'forecast', label: 'Forecast', of: (props) => <ForecastTab {...props} /> },
  { id: 'instances', label: 'Instances', of: (props) => <InstancesTab {...props} /> },
  { id: 'revisions', label: 'Revisions', of: (props) => <RevisionsTab {...props} /> },
  { id: 'checkpoints', label: 'Checkpoints', of: (props) => <CheckpointsTab {...props} /> },
  { id: 'warmth', label: 'Warmth', of: (props) => <WarmthTab {...props} /> },
  { id: 'cost', label: 'Cost', of: (props) => <CostTab {...props} /> },
  { id: 'logs', label: 'Logs', of: (props) => <LogsTab {...props} /> },
  { id: 'try', label: 'Try it', of: (props) => <TryTab {...props} /> },
  { id: 'settings', label: 'Settings', of: (props) => <SettingsTab {...props} /> },
];

/** Everything about one function; `?tab=` says which part is shown. */
export default function FunctionPage({ params }: PageProps) {
  const name = params['name'] ?? '';
  return (
    <>
      <h1>{name}</h1>
      <NeedsScope scope="read" to="see a function">
        <Parts key={name} name={name} />
      </NeedsScope>
    </>
  );
}

function Parts({ name }: { name: string }) {
  const query = useQuery<FunctionDetail>(`/v1/functions/${encodeURIComponent(name)}`);
  useEvents({ types: CHANGES, function: name }, query.reload);
  const tab = new URLSearchParams(useLocation().search).get('tab') ?? 'live';
  return (
    <QueryView query={query}>
      {(fn) => (
        <>
          <p class="hint">
            Called at <code>{fn.path}</code>, {servedBy(fn)}.{' '}
            <a href={`${href('deploy')}?function=${name}`}>Deploy a new revision</a>
          </p>
          <Tabs
            label={`Parts of ${name}`}
            first={tab}
            onShow={(id) => navigate(`${href('functions', name)}?tab=${id}`, { replace: true })}
            tabs={TABS.map(({ id, label, of }) => ({ id, label, content: () => of({ fn, reload: query.reload }) }))}
          />
        </>
      )}
    </QueryView>
  );
}

function servedBy({ aliases, latest }: FunctionDetail): string {
  const live = aliases.find(({ name }) => name === 'live');
  if (live) return `served by revision ${weightsText(live.weights)}`;
  return latest === null ? 'without a revision' : `revision ${latest.number} is ${latest.state}`;
}
