import { Badge, type Tone } from '../../ui/badge';

const TONES: Readonly<Record<string, Tone>> = {
  serving: 'good',
  ready: 'good',
  succeeded: 'good',
  deploying: 'info',
  running: 'info',
  pending: 'info',
  queued: 'info',
  making: 'info',
  waiting: 'warn',
  quarantined: 'warn',
  failed: 'bad',
  dead: 'bad',
  completed: 'good',
  done: 'good',
  delivered: 'good',
  kept: 'good',
  cordoned: 'warn',
  draining: 'info',
  lost: 'bad',
  'rolled-back': 'warn',
  reverted: 'warn',
  refused: 'bad',
  infeasible: 'bad',
  applying: 'info',
  watching: 'info',
};

/** The state of whatever has one: a function, a deployment, a node, a migration, a workflow, a recommendation. */
export function StateBadge(props: { state: string }) {
  return <Badge tone={TONES[props.state] ?? 'neutral'}>{props.state.replaceAll('-', ' ')}</Badge>;
}
