import { useEffect, useState } from 'preact/hooks';
import { SHOWN_RUNGS, type ShownRung } from '../../../../core/agent/instance-rung';
import type { CheckpointView, InstanceView, PageOf } from '../../lib/answers';
import { useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { Card } from '../../ui/card';
import { QueryView } from '../../ui/query-view';
import { TimeChart } from '../../ui/time-chart';
import type { TabProps } from './index';
import { countRungs, rungItems, rungsText, withSample, type RungItem, type RungSample } from './rungs';

const LOOK_MS = 1_500;
const CHECKPOINT_MS = 10_000;
const EVENTS = ['instance.started', 'instance.ended'];
const CHECKPOINT_EVENTS = ['checkpoint.made', 'checkpoint.published', 'checkpoint.quarantined', 'checkpoint.dropped'];
const LABELS: Readonly<Record<ShownRung, string>> = { running: 'Running', frozen: 'Frozen', checkpoint: 'Checkpoint' };
const COLOURS: Readonly<Record<ShownRung, string>> = { running: '--hot', frozen: '--warm', checkpoint: '--restore' };

/** What is held, rung by rung, as it changes. */
export function InstancesTab({ fn }: TabProps) {
  const of = `function=${encodeURIComponent(fn.name)}`;
  const instances = useQuery<PageOf<InstanceView>>(`/v1/instances?${of}&live=true&limit=200`, { everyMs: LOOK_MS });
  const checkpoints = useQuery<PageOf<CheckpointView>>(`/v1/checkpoints?${of}&state=ready&limit=100`, {
    everyMs: CHECKPOINT_MS,
  });
  useEvents({ types: EVENTS, function: fn.name }, instances.reload);
  useEvents({ types: CHECKPOINT_EVENTS, function: fn.name }, checkpoints.reload);
  return (
    <Card title="Instances, rung by rung">
      <QueryView query={instances}>
        {(live) => (
          <QueryView query={checkpoints}>
            {(stored) => <Picture instances={live.items} checkpoints={stored.items} />}
          </QueryView>
        )}
      </QueryView>
    </Card>
  );
}

function Picture(props: { instances: readonly InstanceView[]; checkpoints: readonly CheckpointView[] }) {
  const [samples, setSamples] = useState<readonly RungSample[]>([]);
  const items = rungItems(props.instances, props.checkpoints);
  useEffect(() => setSamples((before) => withSample(before, items, Date.now())), [props.instances, props.checkpoints]);
  const counts = countRungs(items);
  return (
    <>
      <p role="status">{rungsText(counts)}</p>
      <div class="rungs">
        {SHOWN_RUNGS.map((rung) => (
          <Lane key={rung} label={LABELS[rung]} rung={rung} items={items.filter((item) => item.rung === rung)} />
        ))}
        <section class="lane" data-rung="none" data-count={items.length === 0 ? 1 : 0} aria-label="Nothing">
          <h3>Nothing</h3>
          <p class="hint">{items.length === 0 ? 'Nothing is held: a cold start comes next.' : 'Not now.'}</p>
        </section>
      </div>
      {samples.length > 1 && (
        <TimeChart
          title="Since you look"
          unit=""
          times={samples.map(({ at }) => at * 1000)}
          series={SHOWN_RUNGS.map((rung) => ({
            ...{ label: LABELS[rung], kind: 'area' as const, colour: COLOURS[rung] },
            values: samples.map((sample) => sample[rung]),
          }))}
        />
      )}
    </>
  );
}

function Lane(props: { label: string; rung: ShownRung; items: readonly RungItem[] }) {
  const { label, rung, items } = props;
  return (
    <section class="lane" data-rung={rung} data-count={items.length} aria-label={label}>
      <h3>
        {label}: {items.length}
      </h3>
      <ul>
        {items.map(({ id, revision, node, what, busy }) => (
          <li key={id} class={busy ? 'held busy' : 'held'} data-id={id} title={`${id} on ${node}`}>
            <span class="of">r{revision}</span> {what}
            <span class="hint"> {node}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
