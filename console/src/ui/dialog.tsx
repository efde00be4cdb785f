import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ApiError } from '../lib/api';
import { Button } from './button';
import { Problem } from './problem';
import { Form } from './form';

/** A dialog over the page; it keeps the focus, Escape closes it, and the focus goes back to where it was. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return (
    <dialog ref={element} class="dialog" aria-labelledby={id} onClose={props.onClose}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** Asks before something is done, says which command does the same, and shows why it failed if it does. */
export function ConfirmDialog(props: {
  title: string;
  /** The word on the button that does it. */
  confirm: string;
  danger?: boolean;
  /** The command line that does the same, e.g. `presage rollback hello`. */
  cli: string;
  /** Resolves when it is done; the dialog closes then. @throws ApiError */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
  children?: ComponentChildren;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.onConfirm();
      props.onClose();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <Form onSubmit={submit}>
        {props.children}
        {error && <Problem error={error} />}
        <p class="hint">
          The same by command: <code>{props.cli}</code>
        </p>
        <div class="actions">
          <Button onClick={props.onClose}>Cancel</Button>
          <Button kind={props.danger ? 'danger' : 'main'} busy={busy}>
            {props.confirm}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
