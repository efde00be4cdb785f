import type { ComponentChildren } from 'preact';
import { START_KINDS } from '../../../../core/start/start';
import { timeSlices } from '../../../../core/start/start-story';
import { href } from '../../app/router';
import type { InvocationView } from '../../lib/answers';
import { ms, time } from '../../lib/format';
import { Badge } from '../../ui/badge';
import { Table, type Column } from '../../ui/table';
import { PhaseBar, PhaseKey } from './phase-bar';
import { StartBadge } from './start-badge';

/** What lists of invocations are filtered by. */
export const KIND_OPTIONS = [['', 'all'], ...START_KINDS.map((kind) => [kind, kind] as const)] as const;
export const ANSWER_OPTIONS = [
  ['', 'all'],
  ['ok', 'good'],
  ['error', 'failed'],
] as const;

const COLUMNS: readonly Column<InvocationView>[] = [
  { label: 'At', value: ({ id, at }) => <a href={href('invocations', id)}>{time(at)}</a> },
  {
    label: 'Answer',
    value: ({ status, errorCode }) => (
      <Badge tone={status >= 500 || errorCode !== null ? 'bad' : status >= 400 ? 'warn' : 'good'}>
        {status}
        {errorCode !== null && ` ${errorCode}`}
      </Badge>
    ),
  },
  { label: 'Start', value: ({ kind, cause }) => <StartBadge kind={kind} cause={cause} /> },
  { label: 'Request', value: ({ method, path }) => <code>{`${method} ${path}`}</code> },
  { label: 'Revision', numeric: true, value: ({ revision }) => revision ?? '–' },
  { label: 'Waited', numeric: true, value: ({ queueMs, startMs }) => ms(queueMs + startMs) },
  { label: 'Total', numeric: true, value: ({ totalMs }) => ms(totalMs) },
  { label: 'Where the time went', value: (row) => <PhaseBar slices={timeSlices(row)} totalMs={row.totalMs} /> },
];
const FUNCTION: Column<InvocationView> = {
  label: 'Function',
  value: (row) => <a href={href('functions', row.function)}>{row.function}</a>,
};

/** Invocations, each with its start kind, its phases and the way to its explanation. */
export function InvocationTable(props: {
  caption: string;
  rows: readonly InvocationView[];
  empty: ComponentChildren;
  /** Of several functions: each row names its own. */
  several?: boolean;
}) {
  const [at, ...rest] = COLUMNS;
  const columns = props.several && at ? [at, FUNCTION, ...rest] : COLUMNS;
  // Tries of an asynchronous invocation share its id.
  const keyOf = ({ id, attempt, at: when }: InvocationView) => `${id}/${attempt ?? 0}/${when}`;
  return (
    <>
      <Table {...props} columns={columns} keyOf={keyOf} />
      {props.rows.length > 0 && <PhaseKey />}
    </>
  );
}
