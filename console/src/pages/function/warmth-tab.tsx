import type { MinuteCountView, WarmthView } from '../../lib/answers';
import { count, percent, time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Card, Figure, Figures } from '../../ui/card';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import type { TabProps } from './index';
import { causeRows, targetLines } from './warmth-story';

/** What is held and why, why starts were not hot, and what would have kept an instance warm. */
export function WarmthTab({ fn }: TabProps) {
  const base = `/v1/functions/${encodeURIComponent(fn.name)}`;
  const warmth = useQuery<WarmthView>(`${base}/warmth?limit=20`, { everyMs: 10_000 });
  const counts = useQuery<{ items: readonly MinuteCountView[] }>(`${base}/counts`, { everyMs: 10_000 });
  return (
    <div class="grid">
      <Card title="What is to be held">
        <QueryView query={warmth}>{(found) => <Target found={found} />}</QueryView>
      </Card>
      <Card title="Why starts of the last hour were not hot">
        <QueryView query={counts}>
          {({ items }) => (
            <Table
              caption="Causes of the last hour, most frequent first"
              columns={[
                { label: 'Cause', value: ({ cause }) => cause },
                {
                  label: 'Starts',
                  numeric: true,
                  value: ({ count: starts, share }) => `${count(starts)} (${percent(share)})`,
                },
                { label: 'Why', value: ({ why }) => why },
                { label: 'What would have kept it warm', value: ({ keeps }) => keeps },
              ]}
              rows={causeRows(items)}
              keyOf={({ cause }) => cause}
              empty={<p>In the last hour every request found a hot instance, or there was none.</p>}
            />
          )}
        </QueryView>
        <p class="hint">For one invocation, in prices: its explanation on the tab “Live”.</p>
      </Card>
      <Card title="Decisions before" wide>
        <QueryView query={warmth}>
          {({ history }) => (
            <Table
              caption="Decisions, newest first"
              columns={[
                { label: 'At', value: ({ at }) => time(at) },
                { label: 'Policy', value: ({ policy }) => policy },
                { label: 'Ready at most', numeric: true, value: ({ ready }) => ready },
                { label: 'Expected a minute', numeric: true, value: ({ forecastMean }) => count(forecastMean) },
                { label: 'Why', value: ({ reason }) => reason },
              ]}
              rows={history.items}
              keyOf={({ at }) => at}
              empty={<p>No decision has held anything yet.</p>}
            />
          )}
        </QueryView>
        <p class="hint">
          The same by command: <code>presage warmth {fn.name}</code>
        </p>
      </Card>
    </div>
  );
}

function Target({ found }: { found: WarmthView }) {
  const granted = Object.entries(found.granted).map(([node, most]) => `${node} ${most}`);
  return (
    <>
      <Figures>
        <Figure
          id="ready"
          label="Ready at most"
          value={found.ready}
          note={`by the policy ${found.policy}, for revision ${found.revision}`}
        />
        <Figure
          label="Expected"
          value={`${count(found.expectedRate * 60)} a minute`}
          note={
            found.forecastMean === null
              ? 'no forecast yet'
              : `forecast ${count(found.forecastMean)} for the next minute`
          }
        />
        <Figure label="Granted" value={granted.join(', ') || 'nothing'} />
      </Figures>
      <p>{found.reason}</p>
      <ul>
        {targetLines(found).map((line) => (
          <li>{line}</li>
        ))}
      </ul>
      <p class="hint">Decided at {time(found.at)}; the next decision comes with the next minute.</p>
    </>
  );
}
