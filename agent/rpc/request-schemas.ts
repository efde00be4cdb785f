import { z } from 'zod';

const milliseconds = z
  .number()
  .min(0)
  .max(7 * 24 * 3600e3);
const count = z.number().int().min(0).max(10_000);
/** Of a target: changes of its size, and places that have a keep-alive of their own. */
const [MOST_STEPS, MOST_PLACES] = [200, 1_000];
/** Checkpoint ids name folders; instance ids name sockets. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1-64 letters, digits, "-" and "_"');
const runSpecJson = z.string().min(2).max(1_000_000);
const digest = z.string().regex(/^$|^sha256:[0-9a-f]{64}$/, 'must be empty or sha256: and 64 hex digits');

/** What each call of the agent, and an Acquire on the stream, must look like; the run spec inside is checked when it is first seen. */
export const acquireSchema = z
  .object({
    runSpecJson: z.string().max(1_000_000),
    deadlineMs: milliseconds,
    invocationId: z.string().max(200),
    instanceId: id.or(z.literal('')),
    traceparent: z.string().max(100).default(''),
  })
  .refine(({ runSpecJson: spec, instanceId }) => (spec === '') === (instanceId !== ''), {
    message: 'must be there unless an instance is named',
    path: ['runSpecJson'],
  });
export const setTargetsSchema = z.object({
  targets: z
    .array(
      z.object({
        revisionId: z.string(),
        runSpecJson,
        steps: z
          .array(z.object({ afterMs: milliseconds, running: count, frozen: count }))
          .max(MOST_STEPS)
          .refine(
            (steps) => steps.every(({ afterMs }, index) => afterMs > (steps[index - 1]?.afterMs ?? -1)),
            'must rise in time',
          ),
        keepAliveMs: z
          .array(milliseconds)
          .max(MOST_PLACES)
          .refine((times) => times.every((time, place) => time <= (times[place - 1] ?? time)), 'must not rise'),
        expectedRate: z.number().min(0),
        uses: z.array(z.number().min(0)).max(MOST_PLACES),
      }),
    )
    .max(10_000),
  decisionId: z.string().max(200),
  validMs: milliseconds,
  migration: z.boolean().default(false),
});
export const startTemplateSchema = z.object({
  key: z.string().min(1).max(500),
  runSpecJson,
  warmUp: z.boolean(),
  deadlineMs: milliseconds,
});
export const checkpointSchema = z.object({ checkpointId: id, instanceId: id.or(z.literal('')), runSpecJson });
export const checkpointRefSchema = z.object({ checkpointId: id, runSpecJson, digest });
export const dropCheckpointSchema = z.object({ checkpointId: id, everywhere: z.boolean() });
export const publishSchema = z.object({ checkpointId: id, runSpecJson, digest, hostKey: z.string().min(1).max(2_000) });
export const releaseTemplateSchema = z
  .object({ instanceId: id.or(z.literal('')), keep: z.boolean(), key: z.string().max(500).default('') })
  .refine(({ instanceId, key }) => (instanceId === '') !== (key === ''), 'must name an instance or a key');
export const retireSchema = z.object({
  revisionId: z.string().min(1).max(200),
  reason: z.string().max(200),
  deadlineMs: milliseconds,
});
export const installCertificateSchema = z.object({ certificatePem: z.string().max(16_384) });
export const drainSchema = z.object({ deadlineMs: milliseconds });
