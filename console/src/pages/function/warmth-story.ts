import { START_CAUSES, START_KINDS, type StartCause } from '../../../../core/start/start';
import { WHY } from '../../../../core/start/start-story';
import type { MinuteCountView, WarmthView } from '../../lib/answers';

/** What would have kept an instance warm, by why there was none. */
const KEEPS: Readonly<Record<StartCause, string>> = {
  first: 'spec.scale.min: 1, which holds one from the deployment on',
  expired: 'a longer keep-alive: a dearer waitSecond, or spec.scale.min',
  evicted: 'more memory on its nodes, or a greater warming.memoryShare',
  'forecast-miss': 'spec.warmWindows at the times that you know of',
  burst: 'a greater spec.concurrency, or spec.scale.min at the height of the burst',
  deploy: 'spec.checkpoint.warmUp: then a new revision comes with a checkpoint',
  migration: 'nothing: a move is rare and starts one ahead of the traffic',
  'restore-failed': 'a new checkpoint: presage checkpoint',
  'node-lost': 'spec.placement.maxReplicas: 2, so that another node holds one too',
};

export interface CauseRow {
  readonly cause: StartCause;
  readonly count: number;
  /** Of all starts that were not hot, 0 to 1. */
  readonly share: number;
  readonly why: string;
  readonly keeps: string;
}

/** Why requests found no hot instance, the most frequent cause first. */
export function causeRows(counts: readonly MinuteCountView[]): CauseRow[] {
  const by = START_CAUSES.map((cause) => ({
    cause,
    count: counts.reduce((sum, { byCause }) => sum + (byCause[cause] ?? 0), 0),
  }));
  const all = by.reduce((sum, { count }) => sum + count, 0);
  return by
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ cause, count }) => ({ cause, count, share: count / all, why: WHY[cause], keeps: KEEPS[cause] }));
}

/** How many starts of each kind there were. */
export function kindCounts(counts: readonly MinuteCountView[]): { readonly kind: string; readonly count: number }[] {
  return START_KINDS.map((kind) => ({ kind, count: counts.reduce((sum, { byKind }) => sum + (byKind[kind] ?? 0), 0) }));
}

/** Sentences of what is held at least, from when on, and how long an instance may rest beyond it. */
export function targetLines({ steps, keepAlive, floor, pool, capped }: WarmthView): string[] {
  const held = steps.map(({ after, running, frozen }) => {
    const when = after === 0 ? 'Now' : `After ${seconds(after)}`;
    return `${when}: ${running} running and ${frozen} frozen at least.`;
  });
  const rests = keepAlive.map((rest, index) => {
    const which =
      keepAlive.length === 1
        ? 'An instance'
        : `Instance ${index + 1}${index === keepAlive.length - 1 ? ' and further ones' : ''}`;
    return `${which} may rest for ${seconds(rest)} beyond that.`;
  });
  const asked = `${floor} declared (scale.min, warm windows), ${pool} asked for by the forecast.`;
  return [...held, ...rests, asked, ...(capped ? ['A node has less room than was asked for, so it holds fewer.'] : [])];
}

function seconds(value: number): string {
  if (value < 120) return `${Number(value.toPrecision(3))} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${Number((value / 3600).toPrecision(2))} h`;
}
