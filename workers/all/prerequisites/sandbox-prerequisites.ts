import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import { ensureBase } from '../../../drivers/sandbox/runc/setup/ensure-base';
import { ensureCriu } from '../../../drivers/sandbox/runc/setup/ensure-criu';
import { ensureRunc } from '../../../drivers/sandbox/runc/setup/ensure-packages';
import { ensureReseed } from '../../../drivers/sandbox/runc/setup/ensure-reseed';
import type { Config } from '../../config';
import { findExecutable } from './find-executable';
import { found, missing, type Finding, type Need, type Prerequisite } from './prerequisite';

const WITHOUT = 'or run with --sandbox process (no isolation, no checkpoints)';
const TOOLS = { runc: 'runc', nft: 'nftables', ip: 'iproute2', mount: 'mount' } as const;

/** What functions are isolated and checkpointed with. Needed in any case where `runc` is asked for by name. */
export function sandboxPrerequisites(cacheDir: string, sandbox: Config['agent']['sandbox']): readonly Prerequisite[] {
  if (sandbox === 'process' || sandbox === 'simulated') return [];
  const need = sandbox === 'runc' ? 'always' : 'isolation';
  const one = (
    title: string,
    check: () => Finding,
    ensure: (progress: (line: string) => void) => Promise<unknown>,
    ownNeed: Need = need,
  ): Prerequisite => ({
    title,
    need: ownNeed,
    check: () => Promise.resolve(check()),
    ensure: async (progress) => void (await ensure(progress)),
  });
  const kept = (kind: string, file: string, detail: string) => () => cached(path.join(cacheDir, kind), file, detail);
  return [
    one('Linux and root', kernel, () => Promise.resolve(insist(kernel()))),
    one('runc, nftables, iproute2', tools, ensureRunc),
    one('CRIU', kept('criu', 'criu', 'our static build is not made yet'), (log) => ensureCriu(cacheDir, log)),
    one('Base image of Node.js', kept('base', 'node', 'not made yet'), (log) => ensureBase('node', cacheDir, log)),
    one(
      'Base image of Python',
      kept('base', 'python3', 'not made yet'),
      (log) => ensureBase('python3', cacheDir, log),
      'extra',
    ),
    one(
      'Re-seed addon',
      kept('reseed', 'reseed.node', 'not compiled yet'),
      (log) => ensureReseed(cacheDir, log),
      'extra',
    ),
  ];
}

function insist({ ok, detail, mend }: Finding): void {
  if (!ok) throw new PlatformError('unsupported', detail, { hint: mend });
}

/** The folder between is named for the content of what it was made from. */
function cached(folder: string, file: string, detail: string): Finding {
  const keys = existsSync(folder) ? readdirSync(folder) : [];
  const places = keys.map((key) => path.join(folder, key, file)).filter((place) => existsSync(place));
  return places[0]
    ? found(places[0])
    : missing(detail, `npm start makes it (needs root and the package mirror), ${WITHOUT}`);
}

function kernel(): Finding {
  if (process.platform !== 'linux') return missing(`this is ${process.platform}`, `Use Linux, ${WITHOUT}`);
  if (process.getuid?.() !== 0) return missing('npm start does not run as root', `Run it as root, ${WITHOUT}`);
  if (!existsSync('/proc/self/ns/user')) return missing('the kernel has no user namespaces', `Enable them, ${WITHOUT}`);
  if (!existsSync('/sys/fs/cgroup')) return missing('no cgroups are mounted', `Mount /sys/fs/cgroup, ${WITHOUT}`);
  return found(`Linux ${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}, root`);
}

function tools(): Finding {
  const absent = Object.entries(TOOLS).filter(([program]) => findExecutable(program) === null);
  if (absent.length === 0)
    return found(
      Object.keys(TOOLS)
        .map((program) => findExecutable(program))
        .join(', '),
    );
  const packages = absent.map(([, name]) => name).join(' ');
  return missing(`not installed: ${packages}`, `Run as root: apt-get install -y ${packages}; ${WITHOUT}`);
}
