import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { storageError } from '../../drivers/storage-error';

const run = promisify(execFile);

/**
 * Memory in pieces as large as a file has room for: a template stands still a third less long while 90 MB of it are
 * written, and clones meet fewer faults. Kernels without huge pages do not know the option.
 */
const LARGE_PIECES = ',huge=within_size';

/**
 * Makes `dir` a tmpfs of at most `maxBytes` that root alone may enter; one that is there already (from an agent before)
 * is kept with what it holds. Its pages may be executed: restored programs map them. False where this process may not
 * mount, or is not to (`wanted`): then it is a plain folder of the same rights.
 */
export async function mountImages(dir: string, maxBytes: number, wanted = true): Promise<boolean> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const mayMount = wanted && process.getuid?.() === 0;
  const size = `size=${Math.ceil(maxBytes / 1024)}k`;
  try {
    if (await isMounted(dir)) await run('mount', ['-o', `remount,${size}`, dir]);
    else if (mayMount) await mountTmpfs(dir, `${size},mode=0700,nosuid,nodev`);
    else return await plain(dir);
    return true;
  } catch {
    return await plain(dir);
  }
}

/** Takes the tmpfs away with all images; those that running clones map vanish with the clones. No error when there is none. */
export async function unmountImages(dir: string): Promise<void> {
  while (await isMounted(dir)) {
    try {
      await run('umount', ['--lazy', dir]);
    } catch (error) {
      throw storageError(error, `Unmounting ${dir}`);
    }
  }
}

async function mountTmpfs(dir: string, options: string): Promise<void> {
  const mount = (given: string): Promise<unknown> => run('mount', ['-t', 'tmpfs', '-o', given, 'presage-images', dir]);
  await mount(options + LARGE_PIECES).catch(() => mount(options));
}

async function plain(dir: string): Promise<boolean> {
  await chmod(dir, 0o700);
  return false;
}

async function isMounted(dir: string): Promise<boolean> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const escaped = dir.replace(/[\s\\]/g, (mark) => `\\${mark.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return table.split('\n').some((line) => {
    const fields = line.split(' ');
    return fields[4] === escaped && fields[fields.indexOf('-') + 1] === 'tmpfs';
  });
}
