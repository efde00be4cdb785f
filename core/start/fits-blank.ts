import type { RunSpec } from '../function/run-spec';

/**
 * Names that a runtime, the loader or the C library reads once, when the process begins, and those of the shim's own. What
 * is set later comes too late for them.
 */
const READ_AT_BOOT =
  /^(NODE_(?!ENV$)|PYTHON|LD_|UV_|OPENSSL_|SSL_CERT_|MALLOC_|GLIBC_|LC_|PRESAGE_|(LANG|LANGUAGE|TZ)$)/;

/**
 * Whether a runtime that was booted without code can become an instance of this run spec, equal to one that was started
 * for it: a runtime of ours over its own base image, nothing in its environment that counts at boot only. Limits do not
 * matter: they can be changed while it runs.
 */
export function fitsBlank(run: Pick<RunSpec, 'runtime' | 'codeKind' | 'env' | 'secretEnv'>): boolean {
  if (run.runtime === 'http' || run.codeKind !== 'layer') return false;
  return ![...Object.keys(run.env), ...Object.keys(run.secretEnv)].some((name) => READ_AT_BOOT.test(name));
}
