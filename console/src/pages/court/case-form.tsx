import { useState } from 'preact/hooks';
import { href, navigate } from '../../app/router';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { unlessEmpty, wordsOf } from '../../lib/field-text';
import { useSending } from '../../lib/use-sending';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { TextField } from '../../ui/text-field';
import { Form } from '../../ui/form';

/** Opens a case, and goes to it. */
export function CaseForm() {
  const [wish, setWish] = useState({
    policies: 'presage, hybrid-histogram:4h, fixed:10m, fixed:2m, none',
    window: '1h',
    until: '',
    functions: '',
  });
  const sending = useSending();
  const change = (part: Partial<typeof wish>) => setWish({ ...wish, ...part });
  const body = {
    ...unlessEmpty('policies', wish.policies, wordsOf(wish.policies)),
    ...unlessEmpty('window', wish.window, wish.window.trim()),
    ...unlessEmpty('until', wish.until, wish.until.trim()),
    ...unlessEmpty('functions', wish.functions, wordsOf(wish.functions)),
  };
  const submit = async () => {
    const made = await sending.run(() => send<{ id: string }>('POST', '/v1/warming/court', body));
    if (made) navigate(href('court', made.id));
  };
  const wrong = (path: string) => fieldError(sending.error, path);
  const options = Object.entries(body).map(([name, value]) => ` --${name} ${[value].flat().join(',')}`);
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Policies"
        hint="by commas, up to 8: presage, fixed:10m, hybrid-histogram:4h, greedy-dual, seed, none; empty: those on trial"
        value={wish.policies}
        error={wrong('policies')}
        onText={(policies) => change({ policies })}
      />
      <TextField
        label="Window"
        hint="how long, 1m to 7d, such as 24h"
        value={wish.window}
        error={wrong('window')}
        onText={(text) => change({ window: text })}
      />
      <TextField
        label="Until"
        hint="end of the window, such as 2026-11-27T00:00:00Z; empty: now"
        value={wish.until}
        error={wrong('until')}
        onText={(until) => change({ until })}
      />
      <TextField
        label="Functions"
        hint="by commas; empty: all of the tenant"
        value={wish.functions}
        error={wrong('functions')}
        onText={(functions) => change({ functions })}
      />
      {sending.error && <Problem error={sending.error} />}
      <Button kind="main" busy={sending.busy}>
        Replay
      </Button>
      <p class="hint">
        Nothing changes. The same by command: <code>presage court{options.join('')}</code>
      </p>
    </Form>
  );
}
