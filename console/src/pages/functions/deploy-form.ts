import { NAME } from '../../../../core/function/name-pattern';
import { SCAFFOLDS, type ScaffoldRuntime } from '../../../../core/function/scaffold';
import type { DeployAnswer, CodeView } from '../../lib/answers';
import { ApiError, send } from '../../lib/api';
import { fieldError } from '../../lib/field-errors';
import { codeArchive, type CodeFile } from './code-archive';
import { placed, readManifest, type PlacedProblem } from './manifest-text';

/** Where the code comes from: written in the form, chosen from the disk, or that of a revision there is. */
export type CodeSource =
  | { readonly kind: 'written'; readonly path: string; readonly text: string }
  | { readonly kind: 'chosen'; readonly files: readonly CodeFile[] }
  | { readonly kind: 'kept'; readonly digest: string; readonly codeKind: CodeView['kind']; readonly revision: number };

export interface DeployForm {
  readonly manifest: string;
  readonly code: CodeSource;
  readonly alias: string;
  /** Percents with commas between; empty: at once. */
  readonly canary: string;
}

/** What is wrong with a form, each thing at the field it belongs to. */
export interface FormProblems {
  readonly manifest: readonly PlacedProblem[];
  readonly code?: string | undefined;
  readonly alias?: string | undefined;
  readonly canary?: string | undefined;
  /** What belongs to no field: a platform that is away, a key that may not. */
  readonly other?: ApiError | undefined;
}
export const NO_PROBLEMS: FormProblems = { manifest: [] };

/** What a first function begins from. */
export function scaffold(runtime: ScaffoldRuntime, name: string): Pick<DeployForm, 'manifest' | 'code'> {
  const { 'function.yaml': manifest = '', ...files } = SCAFFOLDS[runtime](name);
  const [[path, text] = ['index.js', '']] = Object.entries(files);
  return { manifest, code: { kind: 'written', path, text } };
}

/** What can be said of the code without the platform; undefined: nothing is wrong. */
export function codeProblem(code: CodeSource): string | undefined {
  if (code.kind === 'written') {
    if (!/^[^\s/\\][^\\]*$/.test(code.path) || code.path.split('/').includes('..')) {
      return 'the file needs a name such as index.js, without a leading "/" and without ".."';
    }
    if (code.text.trim() === '') return 'the file is empty: write the handler, or choose files';
  }
  if (code.kind === 'chosen' && code.files.length === 0)
    return 'no file is chosen: choose the files of the function, or its folder';
  return undefined;
}

/** Percents as they are typed; a text instead says what is wrong. */
export function canarySteps(text: string): number[] | string {
  if (text.trim() === '') return [];
  const steps = text.split(',').map((part) => Number(part.trim()));
  const rising = steps.every((step, at) => at === 0 || step > (steps[at - 1] ?? 0));
  const fit = steps.every((step) => Number.isInteger(step) && step >= 1 && step <= 99);
  return fit && rising ? steps : 'must be rising whole percents from 1 to 99 with commas between; write e.g. 10, 50';
}

/** Has the platform check the form; nothing is changed. Resolves with what is wrong, wherever it was found. */
export async function checkForm(form: DeployForm): Promise<FormProblems> {
  const text = readManifest(form.manifest);
  const steps = canarySteps(form.canary);
  const code = codeProblem(form.code);
  // Of a request with a wrong alias the platform would say nothing else.
  const aliasFits = NAME.test(form.alias);
  const own = {
    ...(code === undefined ? {} : { code }),
    ...(aliasFits ? {} : { alias: 'must be 1-63 of a-z, 0-9 and "-"; write e.g. live or canary' }),
    ...(typeof steps === 'string' ? { canary: steps } : {}),
  };
  if (text.problems.length > 0) return { manifest: text.problems, ...own };
  try {
    await send<DeployAnswer>('PUT', deployPath(text.name, '?dryRun=true'), {
      manifest: text.manifest,
      ...(aliasFits ? { alias: form.alias } : {}),
    });
    return { manifest: [], ...own };
  } catch (error) {
    return { ...problemsOf(error, form), ...own };
  }
}

/** Uploads the code and starts the deployment of a form that was checked. @throws ApiError */
export async function startDeploy(form: DeployForm): Promise<DeployAnswer> {
  const { manifest, name } = readManifest(form.manifest);
  const { digest, kind } = await uploaded(form.code);
  const steps = canarySteps(form.canary);
  const canary = typeof steps === 'string' || steps.length === 0 ? {} : { canary: { steps } };
  return send('PUT', deployPath(name), { manifest, codeDigest: digest, codeKind: kind, alias: form.alias, ...canary });
}

/** The problems of a refused call, each at its field. */
export function problemsOf(error: unknown, form: DeployForm): FormProblems {
  if (!(error instanceof ApiError)) throw error;
  const errors = error.problem.errors ?? [];
  const ofManifest = errors.filter(({ path }) => /^(\(root\)|apiVersion|kind|metadata|spec)(\.|$)/.test(path));
  const [alias, canary, code] = ['alias', 'canary', 'codeDigest'].map((field) => fieldError(error, field));
  const known = ofManifest.length > 0 || [alias, canary, code].some((problem) => problem !== undefined);
  const invalidArchive = error.problem.code === 'invalid_archive' ? error.message : undefined;
  return {
    manifest: placed(ofManifest, readManifest(form.manifest)),
    alias,
    canary,
    code: code ?? invalidArchive,
    other: known || invalidArchive !== undefined ? undefined : error,
  };
}

export function hasProblems({ manifest, code, alias, canary, other }: FormProblems): boolean {
  return manifest.length > 0 || [code, alias, canary, other].some((problem) => problem !== undefined);
}

/** A manifest with a name that no path can have is refused for that, with all else that is wrong, whatever the path says. */
function deployPath(name: string, query = ''): string {
  return `/v1/functions/${NAME.test(name) ? name : 'unnamed'}${query}`;
}

async function uploaded(code: CodeSource): Promise<{ readonly digest: string; readonly kind: CodeView['kind'] }> {
  if (code.kind === 'kept') return { digest: code.digest, kind: code.codeKind };
  const files = code.kind === 'chosen' ? code.files : [{ path: code.path, bytes: new TextEncoder().encode(code.text) }];
  return send<CodeView>('POST', '/v1/code', new Blob([codeArchive(files)], { type: 'application/x-tar' }));
}
