import { rungOfInstance, SHOWN_RUNGS, type ShownRung } from '../../../../core/agent/instance-rung';
import type { CheckpointView, InstanceView } from '../../lib/answers';

/** One instance or checkpoint in its lane. */
export interface RungItem {
  readonly id: string;
  readonly rung: ShownRung;
  readonly revision: number;
  readonly node: string;
  /** In a few words what it is doing, and since when. */
  readonly what: string;
  /** It serves a request right now. */
  readonly busy: boolean;
}
/** How many there were at a time (Unix seconds). */
export interface RungSample extends Readonly<Record<ShownRung, number>> {
  readonly at: number;
}

const DOING: Readonly<Record<string, string>> = {
  starting: 'is being started',
  leased: 'serves a request',
  idle: 'waits for a request',
  freezing: 'is being frozen',
  frozen: 'is frozen',
  checkpointing: 'is being copied to a checkpoint',
};

/** What is held of a function: its instances that have not ended, and checkpoints that can be restored; oldest first. */
export function rungItems(instances: readonly InstanceView[], checkpoints: readonly CheckpointView[]): RungItem[] {
  const live = instances.flatMap(({ id, state, endedAt, revision, node, startedAt }) => {
    const rung = endedAt === null ? rungOfInstance(state) : null;
    if (rung === null) return [];
    return [{ id, rung, revision, node, what: DOING[state] ?? state, busy: state === 'leased', since: startedAt }];
  });
  const stored = checkpoints
    .filter(({ state }) => state === 'ready')
    .map(({ id, revision, node, createdAt }) => ({
      ...{ id, rung: 'checkpoint' as const, revision, node, busy: false },
      ...{ what: 'can be restored', since: createdAt },
    }));
  return [...live, ...stored]
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since))
    .map(({ since: _, ...item }) => item);
}

export function countRungs(items: readonly RungItem[]): Readonly<Record<ShownRung, number>> {
  const counts = Object.fromEntries(SHOWN_RUNGS.map((rung) => [rung, 0])) as Record<ShownRung, number>;
  for (const { rung } of items) counts[rung] += 1;
  return counts;
}

/** In a sentence, for those who do not see the picture. */
export function rungsText(counts: Readonly<Record<ShownRung, number>>): string {
  const { running, frozen, checkpoint } = counts;
  if (running + frozen + checkpoint === 0) return 'Nothing is held: the next request starts cold.';
  const next = running > 0 ? 'hot, where one is free' : frozen > 0 ? 'warm' : 'by a restore';
  return `${running} running, ${frozen} frozen, ${checkpoint} ${checkpoint === 1 ? 'checkpoint' : 'checkpoints'}: the next request starts ${next}.`;
}

const KEPT_SAMPLES = 600;

/** The samples with one more; a second has one. */
export function withSample(
  samples: readonly RungSample[],
  items: readonly RungItem[],
  now: number,
): readonly RungSample[] {
  const at = Math.floor(now / 1000);
  const before = samples.at(-1)?.at === at ? samples.slice(0, -1) : samples;
  return [...before, { at, ...countRungs(items) }].slice(-KEPT_SAMPLES);
}
