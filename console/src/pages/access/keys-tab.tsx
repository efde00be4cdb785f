import { useState } from 'preact/hooks';
import type { KeyView, NewKeyView, PageOf } from '../../lib/answers';
import { send } from '../../lib/api';
import { ago, time } from '../../lib/format';
import { useQuery } from '../../lib/use-query';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { ConfirmDialog, Dialog } from '../../ui/dialog';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { KeyLimitDialog } from './key-limit-dialog';
import { MakeKey } from './make-key';
import { RotateKeyDialog } from './rotate-key-dialog';

type Asked = { readonly what: 'rotate' | 'revoke' | 'limit'; readonly key: KeyView };

/** The API keys of the tenant. */
export function KeysTab() {
  return (
    <NeedsScope scope="admin" to="see and change keys">
      <Keys />
    </NeedsScope>
  );
}

function Keys() {
  const query = useQuery<PageOf<KeyView>>('/v1/keys?limit=1000', { everyMs: 30_000 });
  const [asked, setAsked] = useState<Asked>();
  const [made, setMade] = useState<NewKeyView>();
  const close = () => setAsked(undefined);
  const got = (key: NewKeyView) => {
    setMade(key);
    query.reload();
  };
  return (
    <div class="grid">
      <Card title="Keys" wide>
        <QueryView query={query}>
          {({ items }) => (
            <Table
              caption="API keys"
              columns={[
                { label: 'Name', value: ({ name }) => name },
                { label: 'Begins with', value: ({ prefix }) => <code>psk_{prefix}…</code> },
                { label: 'Scopes', value: ({ scopes }) => scopes.join(', ') },
                { label: 'State', value: (key) => <KeyState of={key} /> },
                { label: 'Used', value: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : ago(lastUsedAt)) },
                { label: 'Id', value: ({ id }) => <code>{id}</code> },
                {
                  label: 'Actions',
                  value: (key) =>
                    key.revokedAt === null && (
                      <span class="actions">
                        <Button onClick={() => setAsked({ what: 'rotate', key })}>
                          Rotate<span class="unseen"> {key.name}</span>
                        </Button>
                        <Button onClick={() => setAsked({ what: 'limit', key })}>
                          Limit<span class="unseen"> {key.name}</span>
                        </Button>
                        <Button kind="danger" onClick={() => setAsked({ what: 'revoke', key })}>
                          Revoke<span class="unseen"> {key.name}</span>
                        </Button>
                      </span>
                    ),
                },
              ]}
              rows={items}
              keyOf={({ id }) => id}
              empty={<p>There are no keys. Make one below.</p>}
            />
          )}
        </QueryView>
      </Card>
      <Card title="Make a key">
        <MakeKey made={got} />
      </Card>
      {asked?.what === 'rotate' && <RotateKeyDialog of={asked.key} rotated={got} onClose={close} />}
      {asked?.what === 'limit' && <KeyLimitDialog of={asked.key} onClose={close} />}
      {asked?.what === 'revoke' && (
        <ConfirmDialog
          title={`Revoke the key ${asked.key.name}?`}
          confirm="Revoke it"
          danger
          cli={`presage key revoke ${asked.key.id}`}
          onConfirm={() => send('DELETE', `/v1/keys/${encodeURIComponent(asked.key.id)}`).then(query.reload)}
          onClose={close}
        >
          <p>Gateways stop taking it within seconds. It cannot be taken back.</p>
        </ConfirmDialog>
      )}
      {made && <NewKeyDialog of={made} onClose={() => setMade(undefined)} />}
    </div>
  );
}

function KeyState({ of }: { of: KeyView }) {
  if (of.revokedAt !== null) return <Badge tone="bad">revoked {time(of.revokedAt)}</Badge>;
  if (of.expiresAt !== null && Date.parse(of.expiresAt) < Date.now()) return <Badge tone="warn">expired</Badge>;
  return (
    <>
      <Badge tone="good">in use</Badge>
      {of.expiresAt !== null && <span class="hint"> until {time(of.expiresAt)}</span>}
      {of.previousUntil !== null && Date.parse(of.previousUntil) > Date.now() && (
        <span class="hint"> the secret before works until {time(of.previousUntil)}</span>
      )}
    </>
  );
}

/** A new secret, shown this once. */
function NewKeyDialog(props: { of: NewKeyView; onClose: () => void }) {
  const { name, key } = props.of;
  const [copied, setCopied] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(key).then(
      () => setCopied('It is copied.'),
      () => setCopied('The browser does not let it be copied: select it by hand.'),
    );
  return (
    <Dialog title={`The key of ${name}`} onClose={props.onClose}>
      <p>This is the only time that it is shown. Put it where it is kept safe.</p>
      <pre class="answer" tabIndex={0} role="region" aria-label="The key" data-key>
        {key}
      </pre>
      <p role="status" class="hint">
        {copied}
      </p>
      <div class="actions">
        <Button onClick={() => void copy()}>Copy</Button>
        <Button kind="main" onClick={props.onClose}>
          I have it
        </Button>
      </div>
    </Dialog>
  );
}
