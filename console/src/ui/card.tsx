import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A part of a page under a heading of its own. `wide` takes the whole width of the page's grid. */
export function Card(props: {
  title: string;
  actions?: ComponentChildren;
  wide?: boolean;
  children?: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={props.wide ? 'card wide' : 'card'} aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.actions !== undefined && <div class="actions">{props.actions}</div>}
      </header>
      {props.children}
    </section>
  );
}

/** A figure under its name, with a line that says what to hold it against. */
export function Figure(props: { label: string; value: ComponentChildren; note?: ComponentChildren; id?: string }) {
  return (
    <div class="figure" data-figure={props.id}>
      <dt>{props.label}</dt>
      <dd>{props.value}</dd>
      {props.note !== undefined && <dd class="note">{props.note}</dd>}
    </div>
  );
}

/** Figures beside each other. */
export function Figures(props: { children: ComponentChildren }) {
  return <dl class="figures">{props.children}</dl>;
}
