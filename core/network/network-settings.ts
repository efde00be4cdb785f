import { z } from 'zod';
import { nameSchema } from '../function/name-schema';
import { parseMemory } from '../function/quantity';
import { cidrSchema } from './cidr';

/** Beyond it a number of milliseconds is a mistyped one. */
const LONGEST_ROUND_TRIP_MS = 60_000;

const milliseconds = z.coerce
  .number('must be a round trip in milliseconds')
  .min(0, 'must be 0 ms or more')
  .max(LONGEST_ROUND_TRIP_MS, `must be at most ${LONGEST_ROUND_TRIP_MS} ms`);

const bytesPerSecond = z.coerce.string().transform((text, context) => {
  try {
    const bytes = parseMemory(text);
    if (bytes > 0) return bytes;
    context.addIssue({ code: 'custom', message: 'must be more than 0 bytes a second' });
  } catch {
    context.addIssue({ code: 'custom', message: `"${text}" is no bandwidth; write bytes a second, e.g. 12Mi` });
  }
  return z.NEVER;
});

const pairs = <V extends z.ZodType>(value: V) => z.record(nameSchema, z.record(nameSchema, value));

/** Section `network` of the configuration: how far regions are from each other, and from where requests come. */
export const networkSettingsSchema = z.strictObject({
  /**
   * Round trips between regions, in milliseconds: `latency.eu.us: 80`. One direction stands for both unless both are given;
   * within a region 0 unless given. Empty: nothing is known, and every distance counts 0.
   */
  latency: pairs(milliseconds).default({}),
  /** Exceptions for pairs of nodes, by name; they outweigh those of their regions. */
  nodeLatency: pairs(milliseconds).default({}),
  /** Between regions, in bytes a second; a pair that is not named is not limited. */
  bandwidth: pairs(bytesPerSecond).default({}),
  /** The header by which trusted callers tell their user's region; empty: none is taken. */
  regionHeader: z
    .string()
    .regex(/^[a-z0-9-]*$/i, 'must be the name of a header')
    .transform((name) => name.toLowerCase())
    .default('x-presage-region'),
  /** Whose header is believed, as networks (CIDR). */
  trusted: z.array(cidrSchema).default(['127.0.0.0/8', '::1/128']),
  /** From which region callers of a network (CIDR) come; the narrowest that fits counts. */
  users: z.array(z.strictObject({ cidr: cidrSchema, region: nameSchema })).default([]),
  /** Have messages and images take as long as the matrix says, although all stands on one machine. */
  inject: z.stringbool().or(z.boolean()).default(false),
});

export type NetworkSettings = z.infer<typeof networkSettingsSchema>;
