import { createHash } from 'node:crypto';
import type { Manifest } from './manifest';
import type { RunSpec } from './run-spec';

/** JSON with the keys of every object in order, so that equal values give equal text. Fields that are undefined are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
}

/**
 * What a revision is, as `sha256:` + hex: its code and its configuration with the defaults filled in. Name, labels and
 * annotations are no part of it, so a changed label makes no revision.
 */
export function revisionDigest(spec: Manifest['spec'], code: { digest: string; kind: RunSpec['codeKind'] }): string {
  const text = canonicalJson({ spec, codeDigest: code.digest, codeKind: code.kind });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
