import type { ComponentChildren } from 'preact';

/** A button that shows when its work is under way, and takes no second press meanwhile. A form's own without `onClick`. */
export function Button(props: {
  kind?: 'main' | 'plain' | 'danger';
  busy?: boolean;
  disabled?: boolean;
  /** Why it is disabled, or more than its words say. */
  title?: string | undefined;
  pressed?: boolean;
  onClick?: () => void;
  children: ComponentChildren;
}) {
  const { kind = 'plain', busy = false, onClick } = props;
  return (
    <button
      type={onClick ? 'button' : 'submit'}
      class={`button ${kind}`}
      disabled={props.disabled === true || busy}
      aria-busy={busy}
      aria-pressed={props.pressed}
      title={props.title}
      onClick={onClick}
    >
      {props.children}
    </button>
  );
}
