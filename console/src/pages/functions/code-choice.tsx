import { useState } from 'preact/hooks';
import type { RevisionView } from '../../lib/answers';
import { bytes } from '../../lib/format';
import { Field } from '../../ui/field';
import { TextField } from '../../ui/text-field';
import { chosenFiles } from './chosen-files';
import type { CodeFile } from './code-archive';
import type { CodeSource } from './deploy-form';

/** Known to all browsers, not to the types of elements. */
const WHOLE_FOLDER = { webkitdirectory: true };
const MANIFEST_FILE = 'function.yaml';

/** Where the code comes from. A `function.yaml` among chosen files becomes the manifest. */
export function CodeChoice(props: {
  code: CodeSource;
  error: string | undefined;
  kept: RevisionView | null;
  onCode: (code: CodeSource) => void;
  onManifest: (text: string) => void;
}) {
  const { code, kept, onCode } = props;
  const [written, setWritten] = useState(
    code.kind === 'written' ? code : { kind: 'written' as const, path: 'index.js', text: '' },
  );
  const current = code.kind === 'written' ? code : written;
  const write = (part: Partial<typeof written>) => {
    const next = { ...current, ...part };
    setWritten(next);
    onCode(next);
  };
  const choose = async (list: FileList | null) => {
    const files = await chosenFiles(list ?? []);
    const manifest = files.find(({ path }) => path === MANIFEST_FILE);
    if (manifest) props.onManifest(new TextDecoder().decode(manifest.bytes));
    onCode({ kind: 'chosen', files });
  };
  const choices: readonly [CodeSource['kind'], string, () => CodeSource][] = [
    ['written', 'one file, written here', () => current],
    ['chosen', 'files of this computer', () => ({ kind: 'chosen', files: [] })],
  ];
  return (
    <>
      <fieldset class="choice">
        <legend>Code from</legend>
        {choices.map(([kind, label, make]) => (
          <label>
            <input type="radio" name="code" checked={code.kind === kind} onChange={() => onCode(make())} /> {label}
          </label>
        ))}
        {kept && (
          <label>
            <input
              type="radio"
              name="code"
              checked={code.kind === 'kept'}
              onChange={() =>
                onCode({ kind: 'kept', digest: kept.codeDigest, codeKind: kept.codeKind, revision: kept.number })
              }
            />{' '}
            that of revision {kept.number}
          </label>
        )}
      </fieldset>
      {code.kind === 'written' && (
        <>
          <TextField
            label="File"
            hint="the handler in the manifest names it"
            value={code.path}
            onText={(path) => write({ path })}
          />
          <Field label="Content" error={props.error}>
            {(control) => (
              <textarea
                {...control}
                class="code"
                spellcheck={false}
                rows={16}
                value={code.text}
                onInput={(event) => write({ text: event.currentTarget.value })}
              />
            )}
          </Field>
        </>
      )}
      {code.kind === 'chosen' && (
        <>
          <Field label="Folder" hint="All that is in it but .git; a function.yaml in it becomes the manifest.">
            {(control) => (
              <input
                {...control}
                {...WHOLE_FOLDER}
                type="file"
                onChange={(event) => void choose(event.currentTarget.files)}
              />
            )}
          </Field>
          <Field label="Or single files" error={props.error}>
            {(control) => (
              <input {...control} type="file" multiple onChange={(event) => void choose(event.currentTarget.files)} />
            )}
          </Field>
          <p class="hint" role="status">
            {chosenText(code.files)}
          </p>
        </>
      )}
      {code.kind === 'kept' && (
        <p class="hint">
          The code stays as in revision {code.revision}; only the manifest changes. Its digest:{' '}
          <code>{code.digest}</code>
        </p>
      )}
    </>
  );
}

function chosenText(files: readonly CodeFile[]): string {
  if (files.length === 0) return 'Nothing is chosen yet.';
  const size = files.reduce((sum, file) => sum + file.bytes.length, 0);
  const names = files.slice(0, 5).map(({ path }) => path).join(', '); // prettier-ignore
  return `${files.length} files, ${bytes(size)}: ${names}${files.length > 5 ? ', …' : ''}`;
}
