import path from 'node:path';
import { parseManifest } from '../../core/function/manifest';
import { customResourceDefinitions } from '../../core/kubernetes/custom-resources';
import type { CodeResource } from '../api-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { readFunctionFolder, type FunctionFolder } from '../function-folder';
import { kubernetesYaml } from '../kubernetes-yaml';
import { inlineFiles } from '../pack/inline-files';
import { showBytes } from '../quantities';
import type { Verb } from '../verb';

interface ManifestOptions {
  readonly inline?: boolean;
  readonly namespace?: string;
}

/** Functions as objects of Kubernetes: what kubectl applies. */
export function addKubernetes(program: Verb, contextOf: ContextOf): void {
  program
    .command('manifest')
    .description('print a function as an object of Kubernetes; its code is uploaded, or stands in it')
    .argument('[dir]', 'folder with a function.yaml, or a manifest file', '.')
    .option('--inline', 'the files of the code stand in the object, and nothing is uploaded')
    .option(
      '-n, --namespace <namespace>',
      'namespace of the object, which is the tenant; default: the tenant, if one is given',
    )
    .calls('POST /v1/code')
    .example('presage manifest hello | kubectl apply -f -')
    .action(async (dir: string, options: ManifestOptions, command: Verb) => {
      const context = contextOf(command);
      const folder = await readFunctionFolder(path.resolve(context.terminal.cwd, dir));
      const object = await objectOf(context, folder, options);
      await context.output.item(object, () => kubernetesYaml([object]).then((text) => text.trimEnd()));
    });
  program
    .command('crds')
    .description('print the definitions of Function, Budget and PlacementPolicy for Kubernetes')
    .example('presage crds | kubectl apply --server-side -f -')
    .action(async (_options: object, command: Verb) => {
      const { output } = contextOf(command);
      const definitions = customResourceDefinitions();
      await output.item(definitions, () => kubernetesYaml(definitions).then((text) => text.trimEnd()));
    });
}

async function objectOf(context: CommandContext, folder: FunctionFolder, options: ManifestOptions): Promise<object> {
  parseManifest(folder.manifest);
  const { metadata, spec, ...kind } = folder.manifest as { metadata: object; spec: Record<string, unknown> };
  // Where the code was on this machine says nothing there.
  const rest = Object.fromEntries(Object.entries(spec).filter(([field]) => field !== 'source'));
  const tenant = options.inline ? undefined : context.api.config.tenant;
  const namespace = options.namespace ?? tenant;
  const code = options.inline ? { files: await inlineFiles(folder.code()) } : { digest: await upload(context, folder) };
  return {
    ...kind,
    metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) },
    spec: { ...rest, code },
  };
}

async function upload({ api, output }: CommandContext, { name, code }: FunctionFolder): Promise<string> {
  const { digest, bytes } = await api.send<CodeResource>('POST', '/v1/code', {
    body: code(),
    headers: { 'content-type': 'application/octet-stream' },
  });
  output.note(`${name}: uploaded ${showBytes(bytes)}`);
  return digest;
}
