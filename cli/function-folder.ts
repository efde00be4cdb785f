import { createReadStream, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { PlatformError } from '../core/error/platform-error';
import { nameSchema, parseManifest } from '../core/function/manifest';
import { packFolder } from './pack/pack-folder';

const MANIFEST = 'function.yaml';

/** A function on the user's disk. The manifest is only read here: the platform checks it. */
export interface FunctionFolder {
  readonly name: string;
  readonly manifest: unknown;
  /** The code as a tar stream, begun anew by each call. */
  readonly code: () => Readable;
  /** Where the code is, for messages. */
  readonly source: string;
}

/**
 * @param target the folder with function.yaml, or a manifest file of any name
 * @throws PlatformError invalid_argument when there is none, invalid_manifest when it is not YAML or names no function
 */
export async function readFunctionFolder(target: string): Promise<FunctionFolder> {
  const file = kindOf(target) === 'folder' ? path.join(target, MANIFEST) : target;
  const manifest = await readManifest(file);
  const name = textAt(manifest, 'metadata', 'name');
  if (name === undefined) {
    throw new PlatformError('invalid_manifest', `${file} names no function`, {
      problems: [{ path: 'metadata.name', message: 'is missing', hint: 'write e.g. "metadata: {name: hello}"' }],
    });
  }
  // The platform cannot be asked about what has no possible name: then all problems are told here.
  if (!nameSchema.safeParse(name).success) parseManifest(manifest);
  const image = textAt(manifest, 'spec', 'image');
  const source = path.resolve(path.dirname(file), image ?? textAt(manifest, 'spec', 'source') ?? '.');
  const kind = kindOf(source);
  if (kind === 'nothing' || (kind === 'file' && image === undefined)) {
    throw new PlatformError('invalid_manifest', `The code of ${name} is not there`, {
      problems: [
        {
          path: image === undefined ? 'spec.source' : 'spec.image',
          message: `${source} is ${kind === 'nothing' ? 'nowhere' : 'not a folder'}`,
          hint: 'paths are relative to the manifest',
        },
      ],
    });
  }
  return { name, manifest, source, code: () => (kind === 'folder' ? packFolder(source) : createReadStream(source)) };
}

async function readManifest(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new PlatformError('invalid_argument', `There is no ${file}`, {
      cause: error,
      hint: 'Name the folder of a function: presage deploy DIR. A new one is made by: presage init DIR',
    });
  });
  const { parse } = await import('yaml');
  try {
    return parse(text);
  } catch (error) {
    throw new PlatformError('invalid_manifest', `${file} is not YAML`, {
      cause: error,
      problems: [{ path: path.basename(file), message: (error as Error).message.trimEnd() }],
    });
  }
}

function kindOf(target: string): 'folder' | 'file' | 'nothing' {
  const stat = statSync(target, { throwIfNoEntry: false });
  return stat === undefined ? 'nothing' : stat.isDirectory() ? 'folder' : 'file';
}

function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  let current = value;
  for (const key of keys) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return typeof current === 'string' && current !== '' ? current : undefined;
}
