import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import { entryPath } from '../../../core/archive/entry-path';
import { PlatformError } from '../../../core/error/platform-error';
import type { FunctionCode } from '../../../core/kubernetes/function-code';
import type { ImageStore } from '../../../drivers/image-store/image-store';
import type { KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import { namespacedType } from '../../../drivers/kubernetes/resource-type';
import type { Store } from '../../../drivers/store/store';
import { packFiles } from './pack-files';

const CONFIG_MAPS = namespacedType<ConfigMap>('v1', 'ConfigMap', 'configmaps');

export interface CodeIntakeOptions {
  readonly api: Pick<KubernetesApi, 'find'>;
  readonly store: Pick<Store, 'hasCode' | 'noteCode'>;
  readonly images: Pick<ImageStore, 'stat' | 'put'>;
}

/**
 * The digest of the code that an object names. Files, of the object or of a ConfigMap, become an archive of the tenant's, stored
 * once. @throws PlatformError invalid_argument with the field as problem, where a ConfigMap is missing or holds none
 */
export async function takeInFunctionCode(
  options: CodeIntakeOptions,
  tenant: string,
  code: FunctionCode,
): Promise<string> {
  if (code.digest !== undefined) return code.digest;
  const files =
    code.configMap === undefined ? filesOf(code) : await filesOfConfigMap(options.api, tenant, code.configMap.name);
  const archive = await packFiles(files);
  const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
  const { store, images } = options;
  if (!(await images.stat(digest))) await images.put(Readable.from([archive]), { expected: digest });
  if (!(await store.hasCode(tenant, digest))) await store.noteCode(tenant, digest);
  return digest;
}

function filesOf({ files = {} }: FunctionCode): ReadonlyMap<string, Buffer> {
  if (Object.keys(files).length === 0) throw refused('files', 'holds no file');
  return new Map(Object.entries(files).map(([name, text]) => [entryPath(name), Buffer.from(text)]));
}

async function filesOfConfigMap(
  api: Pick<KubernetesApi, 'find'>,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, Buffer>> {
  const found = await api.find(CONFIG_MAPS, { namespace, name });
  if (!found) throw refused('configMap.name', `there is no ConfigMap ${name} in the namespace ${namespace}`);
  const texts = Object.entries(found.data ?? {}).map(([file, text]) => [file, Buffer.from(text)] as const);
  const binaries = Object.entries(found.binaryData ?? {}).map(
    ([file, text]) => [file, Buffer.from(text, 'base64')] as const,
  );
  if (texts.length + binaries.length === 0) throw refused('configMap.name', `the ConfigMap ${name} holds no file`);
  return new Map([...texts, ...binaries]);
}

function refused(field: string, message: string): PlatformError {
  return new PlatformError('invalid_argument', `spec.code.${field} ${message}`, {
    problems: [{ path: `spec.code.${field}`, message }],
  });
}
