import { useRef, useState } from 'preact/hooks';
import type { ScaffoldRuntime } from '../../../../core/function/scaffold';
import type { DeployAnswer, FunctionDetail } from '../../lib/answers';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { Field } from '../../ui/field';
import { Problem } from '../../ui/problem';
import { TextField } from '../../ui/text-field';
import { CodeChoice } from './code-choice';
import {
  checkForm,
  hasProblems,
  NO_PROBLEMS,
  problemsOf,
  scaffold,
  startDeploy,
  type DeployForm,
  type FormProblems,
} from './deploy-form';
import { DeploymentProgress } from './deployment-progress';
import { readManifest, type PlacedProblem } from './manifest-text';
import { Form } from '../../ui/form';

/** The form of a deploy, and the deployment that came of it. */
export function DeployEditor(props: { begin: DeployForm; known?: FunctionDetail }) {
  const [form, setForm] = useState(props.begin);
  const [problems, setProblems] = useState<FormProblems>(NO_PROBLEMS);
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<DeployAnswer>();
  const change = (part: Partial<DeployForm>) => setForm((before) => ({ ...before, ...part }));

  const run = async (deploying: boolean) => {
    setBusy(true);
    setSaid('');
    setAnswer(undefined);
    try {
      let found = await checkForm(form);
      if (deploying && !hasProblems(found)) {
        try {
          setAnswer(await startDeploy(form));
        } catch (error) {
          found = problemsOf(error, form);
        }
      }
      setProblems(found);
      setSaid(
        hasProblems(found)
          ? 'It cannot be deployed so: each field says what to mend.'
          : deploying
            ? ''
            : 'All is well: it can be deployed.',
      );
    } finally {
      setBusy(false);
    }
  };

  return (
    <Form onSubmit={() => run(true)}>
      {answer && <DeploymentProgress answer={answer} />}
      <div class="grid">
        <Card title="What it is">
          {!props.known && (
            <Field label="Begin from" hint="Replaces the manifest and the code below.">
              {(control) => (
                <select
                  {...control}
                  onChange={(event) => change(scaffold(event.currentTarget.value as ScaffoldRuntime, nameOf(form)))}
                >
                  <option value="nodejs">a handler in Node.js</option>
                  <option value="python">a handler in Python</option>
                  <option value="http">any HTTP server</option>
                </select>
              )}
            </Field>
          )}
          <ManifestField
            text={form.manifest}
            problems={problems.manifest}
            onText={(manifest) => change({ manifest })}
          />
        </Card>
        <Card title="Its code">
          <CodeChoice
            code={form.code}
            error={problems.code}
            kept={props.known?.latest ?? null}
            onCode={(code) => change({ code })}
            onManifest={(manifest) => change({ manifest })}
          />
        </Card>
        <Card title="How it comes into service" wide>
          <div class="filters">
            <TextField
              label="Alias"
              hint="live takes all requests that name no alias"
              error={problems.alias}
              value={form.alias}
              onText={(alias) => change({ alias })}
            />
            <TextField
              label="Canary steps, in percent"
              hint="e.g. 10, 50: a minute each, back at the first failures; empty: at once"
              error={problems.canary}
              value={form.canary}
              onText={(canary) => change({ canary })}
            />
          </div>
          {problems.other && <Problem error={problems.other} />}
          <p role="status" class={hasProblems(problems) ? 'error' : 'hint'}>
            {said}
          </p>
          <div class="actions">
            <Button busy={busy} onClick={() => void run(false)}>
              Check without deploying
            </Button>
            <Button kind="main" busy={busy}>
              Deploy
            </Button>
          </div>
          <p class="hint">
            The same by command: <code>presage deploy FOLDER</code>, or <code>presage deploy FOLDER --dry-run</code>
          </p>
        </Card>
      </div>
    </Form>
  );
}

function nameOf({ manifest }: DeployForm): string {
  return readManifest(manifest).name || 'hello';
}

/** The manifest, and under it each problem with the line that it is about. */
function ManifestField(props: { text: string; problems: readonly PlacedProblem[]; onText: (text: string) => void }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const { text, problems } = props;
  const goTo = (line: number) => {
    const lines = text.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  };
  const count = problems.length;
  return (
    <>
      <Field
        label="Manifest (function.yaml)"
        hint={<a href="/docs">All settings are in the API’s document, as FunctionManifest</a>}
        error={
          count === 0
            ? undefined
            : `${count} ${count === 1 ? 'problem' : 'problems'}, listed below with ${count === 1 ? 'its line' : 'their lines'}`
        }
      >
        {(control) => (
          <textarea
            {...control}
            ref={area}
            class="code"
            spellcheck={false}
            rows={16}
            value={text}
            onInput={(event) => props.onText(event.currentTarget.value)}
          />
        )}
      </Field>
      {count > 0 && (
        <ul class="placed" aria-label="Problems of the manifest">
          {problems.map(({ line, path, message, hint }) => (
            <li>
              <button type="button" onClick={() => goTo(line)}>
                line {line}
              </button>{' '}
              <code>{path}</code> {message}
              {hint !== undefined && <> ({hint})</>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
