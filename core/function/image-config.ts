import { z } from 'zod';

/**
 * What an OCI image says about how it wants to be run. The agent writes it as JSON beside the merged root file system
 * (`<root>.json`, see `imageConfigFile`), where the sandbox driver reads it.
 */
export const imageConfigSchema = z.object({
  entrypoint: z.array(z.string()),
  cmd: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  /** Absolute; `/` where the image names none. */
  workingDir: z.string(),
  /** TCP ports, ascending. */
  exposedPorts: z.array(z.number().int().min(1).max(65535)),
  /** As written in the image (`1000`, `node`, `1000:1000`), empty for root. The sandbox runs as its own user regardless. */
  user: z.string(),
});

export type ImageConfig = z.infer<typeof imageConfigSchema>;

/** Path of the JSON that describes an unpacked root file system. */
export function imageConfigFile(rootDir: string): string {
  return `${rootDir}.json`;
}

/** The program to run: the function's own command stands in for the image's `cmd`, behind its entry point. Empty when neither names one. */
export function imageCommand(image: ImageConfig, command: readonly string[] | null): readonly string[] {
  return [...image.entrypoint, ...(command ?? image.cmd)];
}
