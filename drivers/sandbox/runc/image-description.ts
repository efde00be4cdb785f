import { readFileSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';

const FILE = 'presage.json';

const descriptionSchema = z.object({
  version: z.literal(1),
  /** The pipes of the template, as CRIU names them. */
  output: z.string().nullable(),
  errors: z.string().nullable(),
  /** Whether `tmp.tar` holds files of its /tmp. */
  tmp: z.boolean(),
});

/** What a restore needs to know of an image beside CRIU's own files; lies among them. */
export type ImageDescription = z.infer<typeof descriptionSchema>;

export const TMP_ARCHIVE = 'tmp.tar';

export async function writeImageDescription(imageDir: string, description: ImageDescription): Promise<void> {
  await writeFile(path.join(imageDir, FILE), JSON.stringify(description));
}

/** @throws PlatformError restore_failed when the folder holds no image of this driver */
export function readImageDescription(imageDir: string): ImageDescription {
  try {
    return descriptionSchema.parse(JSON.parse(readFileSync(path.join(imageDir, FILE), 'utf8')));
  } catch (error) {
    throw new PlatformError('restore_failed', `There is no usable checkpoint image in ${path.basename(imageDir)}`, {
      cause: error,
    });
  }
}

/** Size of all files of an image. */
export async function imageBytes(imageDir: string): Promise<number> {
  const names = await readdir(imageDir);
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(imageDir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
