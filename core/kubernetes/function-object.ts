import type { Problem } from '../error/platform-error';
import { manifestSchema, problemsOf, type Manifest } from '../function/manifest';
import { CODE_HINT, functionCodeSchema, type FunctionCode } from './function-code';
import type { DeclaredObject } from './declared-object';

/** Annotations that tools keep for themselves; the first holds the whole object once more. */
const TOOLS_OWN = /^([a-z0-9-]+\.)*(kubernetes|k8s)\.io\/|^meta\.helm\.sh\/|^argocd\.argoproj\.io\//;

/** A Function object that can be deployed. */
export interface WantedFunction {
  readonly manifest: Manifest;
  readonly code: FunctionCode;
}

/** Reads a Function object: what it asks for, or everything that is wrong with it. */
export function wantedFunction(
  object: Pick<DeclaredObject, 'apiVersion' | 'kind' | 'metadata' | 'spec'>,
): { readonly wanted: WantedFunction } | { readonly problems: readonly Problem[] } {
  const { apiVersion, kind, metadata } = object;
  const { code, ...spec } = (object.spec ?? {}) as Record<string, unknown>;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !TOOLS_OWN.test(key));
  const manifest = manifestSchema.safeParse({
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      labels: metadata.labels ?? {},
      annotations: Object.fromEntries(annotations),
    },
    spec,
  });
  const source = functionCodeSchema.safeParse(code ?? {});
  if (manifest.success && source.success) return { wanted: { manifest: manifest.data, code: source.data } };
  const ofCode = source.success
    ? []
    : code === undefined
      ? [{ path: 'spec.code', message: CODE_HINT }]
      : problemsOf(source.error).map(({ path, message }) => ({
          path: path === '(root)' ? 'spec.code' : `spec.code.${path}`,
          message,
        }));
  return { problems: [...(manifest.success ? [] : problemsOf(manifest.error)), ...ofCode] };
}
