import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import type { RunSpec } from '../../../core/function/run-spec';
import { type BaseKind, ensureBase, pythonOfHost } from './setup/ensure-base';
import { ensureCriu } from './setup/ensure-criu';
import { ensureGraft } from './setup/ensure-graft';
import { ensureRunc, type SetupLog } from './setup/ensure-packages';
import { ensureRuntimes } from './setup/ensure-runtimes';

/** Raise when sandboxes are built in another way, so that older checkpoints are not restored into them. */
const SANDBOX_VERSION = 1;

/** The programs and folders that sandboxes are made with. */
export interface Toolbox {
  readonly runc: string;
  /** Null when it cannot be built: then nothing is checkpointed or restored. */
  readonly criu: string | null;
  /** Shows code in a sandbox that runs; null when it cannot be built: then there are no blanks. */
  readonly graft: string | null;
  readonly runtimes: string;
  readonly bases: Readonly<Record<BaseKind, string | null>>;
  /** Why something is missing, in sentences. */
  readonly reasons: readonly string[];
}

/** Gathers (and makes, the first time) what sandboxes need. @throws PlatformError unsupported without root, runc or a Node.js base */
export async function openToolbox(cacheDir: string, log: SetupLog): Promise<Toolbox> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new PlatformError('unsupported', 'Sandboxes with runc need Linux and root', {
      hint: 'Run as root, or with --sandbox process.',
    });
  }
  const reasons: string[] = [];
  const orNull = (work: Promise<string>): Promise<string | null> =>
    work.catch((error: unknown) => {
      reasons.push(error instanceof Error ? error.message : String(error));
      return null;
    });
  const runc = await ensureRunc(log);
  const criu = await orNull(ensureCriu(cacheDir, log));
  const graft = await orNull(ensureGraft(cacheDir, log));
  const node = await ensureBase('node', cacheDir, log);
  const python3 = await orNull(ensureBase('python3', cacheDir, log));
  const runtimes = await ensureRuntimes(cacheDir, python3 === null ? null : pythonOfHost(), log);
  return { runc, criu, graft, runtimes, bases: { node, python3 }, reasons };
}

/** Which base a function's code lies over; null when it brings its own root. */
export function baseKindOf(run: Pick<RunSpec, 'runtime' | 'codeKind' | 'command'>): BaseKind | null {
  if (run.codeKind === 'oci') return null;
  if (run.runtime === 'nodejs') return 'node';
  if (run.runtime === 'python') return 'python3';
  return path.basename(run.command?.[0] ?? '').startsWith('python') ? 'python3' : 'node';
}

/** What an image depends on, as one word: kernel, CPU, CRIU, runtimes, base. */
export function hostKeyOf(toolbox: Toolbox, runtime: RunSpec['runtime']): string {
  const cpu = /^(?:flags|Features)\s*:.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] ?? '';
  const kinds: BaseKind[] = runtime === 'nodejs' ? ['node'] : runtime === 'python' ? ['python3'] : ['node', 'python3'];
  // the folders are named for their content
  const parts = [
    SANDBOX_VERSION,
    release(),
    process.arch,
    cpu,
    path.basename(path.dirname(toolbox.criu ?? 'none/none')),
    path.basename(toolbox.runtimes),
    ...kinds.map((kind) => path.basename(path.dirname(toolbox.bases[kind] ?? 'none/none'))),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
