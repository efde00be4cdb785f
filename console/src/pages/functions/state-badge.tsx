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
};

/** The state of a function, revision, deployment, checkpoint or asynchronous invocation. */
export function StateBadge(props: { state: string }) {
  return <Badge tone={TONES[props.state] ?? 'neutral'}>{props.state.replaceAll('-', ' ')}</Badge>;
}
