import type { ComponentChildren } from 'preact';
import type { Tone } from './tone';

export type { Tone } from './tone';

const MARKS: Readonly<Record<Tone, string>> = { good: '✓', warn: '!', bad: '✕', info: 'i', neutral: '·' };

/** A word with a mark and a colour; the mark says the same as the colour. */
export function Badge(props: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`badge ${props.tone}`}>
      <span aria-hidden="true">{MARKS[props.tone]}</span> {props.children}
    </span>
  );
}
