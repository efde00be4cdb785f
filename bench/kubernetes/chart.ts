import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { assetPath } from '../../drivers/asset-path';

/** An object as the chart makes it. */
export interface RenderedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface ChartWish {
  readonly release?: string;
  readonly namespace?: string;
  /** Files with values, the last one wins. */
  readonly files?: readonly string[];
  /** Single values, `a.b=c`. */
  readonly set?: readonly string[];
  /** Kinds of other projects that the cluster is to know, such as `monitoring.coreos.com/v1`. */
  readonly apiVersions?: readonly string[];
}

/** How helm ended. */
interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const CHART = assetPath('deploy/chart');
const SOURCE = /^# Source: [^/]+\/templates\/(.+)$/m;

/** `helm template`; gives the text of each template's objects by its name. @throws Error with what helm says */
export async function renderFiles(helm: string, wish: ChartWish = {}): Promise<Map<string, string>> {
  const { status, stdout, stderr } = await runHelm(helm, ['template', ...argumentsOf(wish)]);
  if (status !== 0) throw new Error(stderr.trim());
  const files = new Map<string, string>();
  for (const document of stdout.split(/^---$/m)) {
    const name = SOURCE.exec(document)?.[1];
    if (name === undefined) continue;
    const text = document.replace(SOURCE, '').trim();
    if (text !== '') files.set(name, [...(files.has(name) ? [files.get(name)] : []), text].join('\n---\n'));
  }
  return files;
}

/** The same as objects. @throws Error with what helm says */
export async function renderObjects(helm: string, wish: ChartWish = {}): Promise<readonly RenderedObject[]> {
  const files = await renderFiles(helm, wish);
  return [...files.values()].flatMap(objectsIn);
}

/** The objects of a file in YAML. @throws YAMLParseError */
export function objectsIn(text: string): RenderedObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0]) throw document.errors[0];
    const object = document.toJS() as RenderedObject | null;
    return object === null ? [] : [object];
  });
}

/** `helm lint`, strictly. */
export function lintChart(helm: string, wish: ChartWish = {}): Promise<Outcome> {
  const { files = [], set = [], namespace = 'presage' } = wish;
  const values = [...files.flatMap((file) => ['--values', file]), ...set.flatMap((one) => ['--set', one])];
  return runHelm(helm, ['lint', CHART, '--strict', '--namespace', namespace, ...values]);
}

function argumentsOf({
  release = 'presage',
  namespace = 'presage',
  files = [],
  set = [],
  apiVersions = [],
}: ChartWish): string[] {
  return [
    ...[release, CHART, '--namespace', namespace],
    ...files.flatMap((file) => ['--values', file]),
    ...set.flatMap((one) => ['--set', one]),
    ...apiVersions.flatMap((one) => ['--api-versions', one]),
  ];
}

/** With folders of its own: plugins and repositories of whoever runs it are none of ours. @param env such as KUBECONFIG */
export async function runHelm(
  helm: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const home = await mkdtemp(path.join(tmpdir(), 'presage-helm-home-'));
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(helm, args, {
        env: { HOME: home, PATH: '/usr/bin:/bin', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [stdout, stderr]: [string[], string[]] = [[], []];
      child.stdout.on('data', (piece: Buffer) => stdout.push(piece.toString()));
      child.stderr.on('data', (piece: Buffer) => stderr.push(piece.toString()));
      child.once('error', reject);
      child.once('close', (code) => resolve({ status: code ?? 1, stdout: stdout.join(''), stderr: stderr.join('') }));
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
