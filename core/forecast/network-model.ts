import { z } from 'zod';
import { PlatformError } from '../error/platform-error';
import { calibrationSchema, type Calibration } from './calibration';
import { HORIZON } from './forecast';
import { hybridSize, type HybridShape } from './lstm/hybrid-network';

/** The one network for all functions, and how far the pool's spread can be believed. */
export interface NetworkModel {
  readonly shape: HybridShape;
  /** Members that it sees one by one. */
  readonly gated: readonly string[];
  /** Whether it sees features, or counts and forecasts alone. */
  readonly features: boolean;
  readonly parameters: Float64Array;
  readonly calibration: Calibration;
  /** Passes over the training windows. */
  readonly epochs: number;
}

const size = z.int().min(1).max(4_096);
/** A network that this build can compute. */
export const hybridShapeSchema = z.strictObject({
  steps: size,
  inputs: size,
  hidden: size,
  summary: size,
  horizon: z.literal(HORIZON),
  context: size,
  experts: size,
  gate: size,
});
const headSchema = z.strictObject({
  format: z.literal('presage-network/1'),
  shape: hybridShapeSchema,
  gated: z.array(z.string()),
  features: z.boolean(),
  calibration: calibrationSchema,
  epochs: z.int().min(0),
});

/** Bytes before the head: its length. */
const LENGTH_BYTES = 4;

/** A JSON head with its length in front, then the parameters as 32-bit floats (little-endian, as all machines that run this are). */
export function encodeNetwork({ parameters, ...head }: NetworkModel): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ format: 'presage-network/1', ...head }));
  const bytes = new Uint8Array(LENGTH_BYTES + text.length + 4 * parameters.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, text.length, true);
  bytes.set(text, LENGTH_BYTES);
  parameters.forEach((value, i) => view.setFloat32(LENGTH_BYTES + text.length + 4 * i, value, true));
  return bytes;
}

/** @throws PlatformError invalid_argument for bytes that are no network, or one with another shape than its parameters */
export function decodeNetwork(bytes: Uint8Array): NetworkModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= LENGTH_BYTES ? view.getUint32(0, true) : 0;
  const rest = bytes.length - LENGTH_BYTES - length;
  const head = rest < 0 ? null : headSchema.safeParse(parsedJson(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)));
  if (!head?.success) throw corrupt('its head cannot be read');
  const { shape, gated, features, calibration, epochs } = head.data;
  if (rest !== 4 * hybridSize(shape)) throw corrupt(`${rest} bytes of parameters do not fit its shape`);
  const parameters = new Float64Array(rest / 4);
  for (let i = 0; i < parameters.length; i++) {
    const value = view.getFloat32(LENGTH_BYTES + length + 4 * i, true);
    if (!Number.isFinite(value)) throw corrupt(`parameter ${i} is no number`);
    parameters[i] = value;
  }
  return { shape, gated, features, parameters, calibration, epochs };
}

/** What JSON text says; null for bytes that are none. */
export function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

function corrupt(why: string): PlatformError {
  return new PlatformError('invalid_argument', `The forecast network is corrupt: ${why}`);
}
