import { useState } from 'preact/hooks';
import type { KeyView, NewKeyView } from '../../lib/answers';
import { ApiError, send } from '../../lib/api';
import { ConfirmDialog } from '../../ui/dialog';
import { TextField } from '../../ui/text-field';
import { problemOf, secondsOf } from './key-form';

/** Gives a key a new secret. */
export function RotateKeyDialog(props: { of: KeyView; rotated: (key: NewKeyView) => void; onClose: () => void }) {
  const { id, name } = props.of;
  const [overlap, setOverlap] = useState('24h');
  const read = secondsOf(overlap);
  const rotate = async () => {
    // The field says what is wrong with it; the dialog stays.
    if ('problem' in read)
      throw new ApiError(400, { title: 'The overlap is not valid', detail: `It ${read.problem}.` });
    const body = read.value === undefined ? {} : { overlapSeconds: read.value };
    props.rotated(await send<NewKeyView>('POST', `/v1/keys/${encodeURIComponent(id)}/rotate`, body));
  };
  return (
    <ConfirmDialog
      title={`Rotate the key ${name}?`}
      confirm="Rotate it"
      cli={`presage key rotate ${id} --overlap ${overlap || '24h'}`}
      onConfirm={rotate}
      onClose={props.onClose}
    >
      <p>It gets a new secret, shown once. Id, name and scopes stay.</p>
      <TextField
        label="The secret before works for"
        hint="at most 7d; 0s ends it at once"
        error={problemOf(read)}
        value={overlap}
        onText={setOverlap}
      />
    </ConfirmDialog>
  );
}
