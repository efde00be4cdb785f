import type { ComponentChildren } from 'preact';

/** A form whose values are checked by us and the API, so that each mistake is told in the same way, and never by the browser. */
export function Form(props: { onSubmit: () => unknown; children: ComponentChildren }) {
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void props.onSubmit();
      }}
    >
      {props.children}
    </form>
  );
}
