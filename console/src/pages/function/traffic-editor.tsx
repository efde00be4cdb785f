import { useState } from 'preact/hooks';
import type { AliasView, FunctionDetail, RevisionView } from '../../lib/answers';
import { open, send, type ApiError } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { useSending } from '../../lib/use-sending';
import { Button } from '../../ui/button';
import { ConfirmDialog } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import { ChoiceField, TextField } from '../../ui/text-field';
import { splitOf, typedWeights, type TypedWeights } from './traffic-split';
import { Form } from '../../ui/form';

const NEW = '';

/** Changes what an alias points at, makes a new alias, or deletes one. */
export function TrafficEditor(props: { fn: FunctionDetail; revisions: readonly RevisionView[]; changed: () => void }) {
  const { fn, revisions, changed } = props;
  const [chosen, setChosen] = useState(fn.aliases.some(({ name }) => name === 'live') ? 'live' : NEW);
  const [newName, setNewName] = useState('');
  const alias = fn.aliases.find(({ name }) => name === chosen);
  const [typed, setTyped] = useState<TypedWeights>(typedWeights(alias));
  const { busy, error, run } = useSending();
  const [leaving, setLeaving] = useState(false);
  const ready = revisions.filter(({ state }) => state === 'ready');
  const { weights, problems, sum } = splitOf(typed);
  const name = alias?.name ?? newName.trim();
  const unnamed = name === '' ? 'give it a name, e.g. canary' : undefined;

  const choose = (next: string) => {
    setChosen(next);
    setTyped(typedWeights(fn.aliases.find((each) => each.name === next)));
  };
  const submit = async () => {
    if (Object.keys(problems).length > 0 || unnamed !== undefined) return;
    await run(async () => {
      await putAlias(fn.name, name, alias, weights);
      changed();
    });
  };

  return (
    <Form onSubmit={submit}>
      <div class="filters">
        <ChoiceField
          label="Alias"
          value={chosen}
          options={[...fn.aliases.map((each) => [each.name, each.name] as const), [NEW, 'a new one…']]}
          onChoose={choose}
        />
        {!alias && (
          <TextField
            label="Its name"
            hint={`called at /fn/${fn.tenant}/${fn.name}@NAME/`}
            error={unnamed ?? fieldError(error, 'alias')}
            value={newName}
            onText={setNewName}
          />
        )}
        {ready.map(({ number }) => (
          <TextField
            label={`Revision ${number}, %`}
            error={problems[number] ?? weightError(error, weights, number)}
            value={typed[number] ?? ''}
            onText={(text) => setTyped({ ...typed, [number]: text })}
          />
        ))}
      </div>
      <p role="status" class={sum === 100 ? 'hint' : 'error'}>
        {sum === 100 ? 'The weights sum to 100 %.' : `The weights sum to ${sum} %: they must sum to 100.`}
      </p>
      {error && <Problem error={error} />}
      <div class="actions">
        <Button kind="main" busy={busy}>
          {alias ? `Shift traffic of ${alias.name}` : 'Make the alias'}
        </Button>
        {alias && alias.name !== 'live' && (
          <Button kind="danger" onClick={() => setLeaving(true)}>
            Delete {alias.name}
          </Button>
        )}
      </div>
      <p class="hint">
        The same by command:{' '}
        <code>
          presage alias set {fn.name} {name || 'NAME'}{' '}
          {weights.map(({ revision, weight }) => `${revision}=${weight}`).join(' ')}
        </code>
      </p>
      {leaving && alias && (
        <ConfirmDialog
          title={`Delete the alias ${alias.name}?`}
          confirm="Delete it"
          danger
          cli={`presage alias delete ${fn.name} ${alias.name}`}
          onConfirm={() => send('DELETE', aliasPath(fn.name, alias.name)).then(changed)}
          onClose={() => setLeaving(false)}
        >
          <p>Requests that name it are refused from then on.</p>
        </ConfirmDialog>
      )}
    </Form>
  );
}

const aliasPath = (fn: string, alias: string): string =>
  `/v1/functions/${encodeURIComponent(fn)}/aliases/${encodeURIComponent(alias)}`;

/** Only where nobody has changed, or made, it since it was shown. @throws ApiError */
async function putAlias(
  fn: string,
  name: string,
  shown: AliasView | undefined,
  weights: readonly AliasView['weights'][number][],
): Promise<void> {
  const condition = shown ? { 'if-match': `"${shown.generation}"` } : { 'if-none-match': '*' };
  const headers = { 'content-type': 'application/json', ...condition };
  await open('PUT', aliasPath(fn, name), { headers, body: JSON.stringify({ weights }) });
}

/** What the platform says of the weight of a revision. */
function weightError(
  error: ApiError | undefined,
  weights: readonly { readonly revision: number }[],
  number: number,
): string | undefined {
  const at = weights.findIndex(({ revision }) => revision === number);
  return at === -1 ? undefined : fieldError(error, `weights.${at}`);
}
