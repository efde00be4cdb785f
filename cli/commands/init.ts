import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import { PlatformError } from '../../core/error/platform-error';
import type { ContextOf } from '../command-context';
import { SCAFFOLDS, type ScaffoldRuntime } from '../../core/function/scaffold';
import type { Verb } from '../verb';

interface InitOptions {
  readonly runtime: ScaffoldRuntime;
  readonly name?: string;
}

export function addInit(program: Verb, contextOf: ContextOf): void {
  program
    .command('init')
    .description('make a folder with a small function to begin with')
    .argument('[dir]', 'folder to make', '.')
    .addOption(
      new Option('-r, --runtime <runtime>', 'language of the function')
        .choices(Object.keys(SCAFFOLDS))
        .default('nodejs'),
    )
    .option('-n, --name <name>', "the function's name; default: the folder's")
    .example('presage init hello --runtime nodejs')
    .action(async (dir: string, options: InitOptions, command: Verb) => {
      const { terminal, output } = contextOf(command);
      const folder = path.resolve(terminal.cwd, dir);
      const name = options.name ?? nameFrom(path.basename(folder));
      const files = Object.entries(SCAFFOLDS[options.runtime](name));
      const taken = files.find(([file]) => existsSync(path.join(folder, file)));
      if (taken) {
        throw new PlatformError('conflict', `${path.join(folder, taken[0])} exists already; nothing was written`, {
          hint: 'Name another folder: presage init DIR',
        });
      }
      await mkdir(folder, { recursive: true });
      for (const [file, text] of files) await writeFile(path.join(folder, file), text, { flag: 'wx' });
      const shown = path.relative(terminal.cwd, folder) || '.';
      output.note(`Wrote ${files.map(([file]) => file).join(', ')} to ${shown}. Next:`);
      output.note(`  presage deploy ${shown}`);
      output.note(`  presage invoke ${name}`);
    });
}

/** The nearest name that a function may have. */
function nameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'function' : name;
}
