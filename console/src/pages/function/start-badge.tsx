import type { StartKind } from '../../../../core/start/start';

const MARKS: Readonly<Record<StartKind, string>> = { hot: '●', warm: '◐', restore: '↻', cold: '❄' };

/** How an invocation got its instance: by a mark, a colour and its word. */
export function StartBadge(props: { kind: StartKind | null; cause: string | null }) {
  if (props.kind === null) return <span class="badge">none</span>;
  return (
    <span class={`badge start ${props.kind}`} data-kind={props.kind}>
      <span aria-hidden="true">{MARKS[props.kind]}</span> {props.kind}
      {props.cause !== null && <> ({props.cause})</>}
    </span>
  );
}
