import { useState } from 'preact/hooks';
import { send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { numberOrText, unlessEmpty } from '../../lib/field-text';
import { time } from '../../lib/format';
import { TIER_ORDER } from '../../lib/tiers';
import { useSending } from '../../lib/use-sending';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { ChoiceField, TextField } from '../../ui/text-field';
import { Form } from '../../ui/form';

interface Token {
  readonly token: string;
  readonly node: string;
  readonly expiresAt: string;
}

/** A token with which one node may join, shown once. */
export function JoinForm() {
  const [wish, setWish] = useState({ node: '', tier: 'edge', region: '', minutes: '60' });
  const [made, setMade] = useState<Token>();
  const sending = useSending();
  const change = (part: Partial<typeof wish>) => setWish({ ...wish, ...part });
  const minutes = numberOrText(wish.minutes);
  const body = {
    ...{ node: wish.node.trim(), tier: wish.tier },
    ...unlessEmpty('region', wish.region, wish.region.trim()),
    ...unlessEmpty('expiresInSeconds', wish.minutes, typeof minutes === 'number' ? minutes * 60 : minutes),
  };
  const submit = async () => {
    setMade(await sending.run(() => send<Token>('POST', '/v1/nodes/join-tokens', body)));
  };
  const wrong = (path: string) => fieldError(sending.error, path);
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Name of the node"
        hint="such as far-1"
        value={wish.node}
        error={wrong('node')}
        onText={(node) => change({ node })}
      />
      <ChoiceField
        label="Tier"
        value={wish.tier}
        options={TIER_ORDER.map((tier) => [tier, tier])}
        error={wrong('tier')}
        onChoose={(tier) => change({ tier })}
      />
      <TextField
        label="Region"
        hint="empty: local"
        value={wish.region}
        error={wrong('region')}
        onText={(region) => change({ region })}
      />
      <TextField
        label="Good for minutes"
        hint="1 to 1440"
        value={wish.minutes}
        error={wrong('expiresInSeconds')}
        onText={(text) => change({ minutes: text })}
      />
      {sending.error && <Problem error={sending.error} />}
      <Button kind="main" busy={sending.busy}>
        Make a join token
      </Button>
      <p class="hint">
        The same by command: <code>{`presage node join-token ${wish.node || 'NAME'} --tier ${wish.tier}`}</code>
      </p>
      {made && (
        <div role="status">
          <p>
            The token for <strong>{made.node}</strong>, good once until {time(made.expiresAt)}. It is not shown again:
          </p>
          <pre data-token>{made.token}</pre>
          <p class="hint">
            On that machine:{' '}
            <code>{`presage node join --url ${location.origin} --token TOKEN --address HOST:PORT --folder FOLDER --postgres URL --master-key FILE`}</code>
          </p>
        </div>
      )}
    </Form>
  );
}
