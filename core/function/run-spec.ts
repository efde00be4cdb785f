import { z } from 'zod';

const milliseconds = z.number().min(0);

/**
 * All an agent needs to run one revision, units resolved; made once per revision from the manifest and carried in
 * `Acquire`. Two equal run specs give interchangeable instances.
 */
export const runSpecSchema = z.object({
  tenant: z.string(),
  function: z.string(),
  functionId: z.string(),
  revisionId: z.string(),
  /** 1, 2, 3 … within the function. */
  revision: z.number().int(),
  runtime: z.enum(['nodejs', 'python', 'http']),
  handler: z.string().nullable(),
  command: z.array(z.string()).nullable(),
  /** sha256 of the code archive in the image store, `sha256:` + hex. */
  codeDigest: z.string(),
  /** What the archive is: a code layer over our base, or an OCI image layout that brings its own root. */
  codeKind: z.enum(['layer', 'oci']),
  /** Plain environment; secrets are in `secretEnv`, which never reaches logs or records. */
  env: z.record(z.string(), z.string()),
  secretEnv: z.record(z.string(), z.string()),
  limits: z.object({ memoryBytes: z.number().int(), cpuMillis: z.number().int(), pids: z.number().int() }),
  timeouts: z.object({ startMs: milliseconds, firstByteMs: milliseconds, idleMs: milliseconds, totalMs: milliseconds }),
  concurrency: z.number().int().min(1),
  scale: z.object({ min: z.number().int(), max: z.number().int(), keepAliveMs: milliseconds }),
  network: z.enum(['none', 'egress']),
  healthPath: z.string().nullable(),
  checkpoint: z.object({
    when: z.enum(['deploy', 'first-request', 'never']),
    mapPages: z.boolean(),
    warmUp: z.array(
      z.object({
        method: z.string(),
        path: z.string(),
        headers: z.record(z.string(), z.string()),
        body: z.string().optional(),
        times: z.number().int(),
      }),
    ),
  }),
});

export type RunSpec = z.infer<typeof runSpecSchema>;
