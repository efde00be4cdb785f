import { useState } from 'preact/hooks';
import type { KeyLimits } from '../../../../core/admission/limits';
import type { KeyView } from '../../lib/answers';
import { ApiError, send } from '../../lib/api';
import { useQuery } from '../../lib/use-query';
import { ConfirmDialog } from '../../ui/dialog';
import { TextField } from '../../ui/text-field';
import { problemOf, rateOf, rateText } from './key-form';

/** How often a key may call. */
export function KeyLimitDialog(props: { of: KeyView; onClose: () => void }) {
  const { id, name } = props.of;
  const path = `/v1/keys/${encodeURIComponent(id)}/limits`;
  const { data } = useQuery<KeyLimits>(path);
  // What is typed before the limit is here must not be overwritten by it.
  const [typed, setTyped] = useState<string | null>(null);
  const rate = typed ?? rateText(data?.rate);
  const read = rateOf(rate);
  const set = async () => {
    if ('problem' in read) throw new ApiError(400, { title: 'The rate is not valid', detail: `It ${read.problem}.` });
    if (read.value) await send('PUT', path, { rate: read.value });
    else if (data?.rate) await send('DELETE', path);
  };
  const cli = `presage limits key ${id}${rate === '' ? '' : ` --rate ${rate}`}`;
  return (
    <ConfirmDialog title={`Limit the key ${name}`} confirm="Set it" cli={cli} onConfirm={set} onClose={props.onClose}>
      <TextField
        label="Requests"
        hint="REQUESTS/WINDOW, e.g. 100/1s; empty: as the tenant’s rate of a key says"
        error={problemOf(read)}
        value={rate}
        onText={setTyped}
      />
    </ConfirmDialog>
  );
}
