import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runSpecSchema } from '../../../core/function/run-spec';

const FILE = 'state.json';

const stateSchema = z.object({
  id: z.string(),
  /** Without the values of secrets: they are in the process's environment and nowhere else. */
  run: runSpecSchema,
  codeDir: z.string(),
  /** Folder of the base image; null when the code brings its own root. */
  base: z.string().nullable(),
  cgroup: z.string(),
  network: z.string(),
  pid: z.number().int(),
  startTime: z.number(),
  /** Its memory is mapped from an image, so it cannot be dumped. */
  mapped: z.boolean(),
});

/** What another agent has to know in order to take an instance over. */
export type InstanceStateFile = z.infer<typeof stateSchema>;

/** All at once, so that a killed agent leaves either a whole file or none. */
export async function writeInstanceState(folder: string, state: InstanceStateFile): Promise<void> {
  const temporary = path.join(folder, `${FILE}.new`);
  const text = JSON.stringify({ ...state, run: { ...state.run, secretEnv: {} } });
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path.join(folder, FILE));
}

/** Undefined when there is none, or one that cannot be understood: such an instance is not to be kept. */
export function readInstanceState(folder: string): InstanceStateFile | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path.join(folder, FILE), 'utf8')));
  } catch {
    return undefined;
  }
}
