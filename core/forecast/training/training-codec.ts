import { z } from 'zod';
import { PlatformError } from '../../error/platform-error';
import { hybridSize } from '../lstm/hybrid-network';
import { hybridShapeSchema, parsedJson } from '../network-model';
import type { TrainingState } from './train-epoch';

const headSchema = z.strictObject({
  format: z.literal('presage-training/1'),
  shape: hybridShapeSchema,
  epochs: z.int().min(0),
  seed: z.int(),
  loss: z.number().nullable(),
  steps: z.int().min(0),
});
/** Bytes before the head: its length. The numbers after it begin at a multiple of eight. */
const LENGTH_BYTES = 4;
const NUMBER_BYTES = 8;

/**
 * A state of training, exact to the last bit, so that one that goes on from it gives what an unbroken one would have: a JSON
 * head, then parameters and both of Adam's means as 64-bit floats (little-endian, as all machines that run this are).
 */
export function encodeTraining({ parameters, adam, ...head }: TrainingState): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ format: 'presage-training/1', ...head, steps: adam.steps }));
  const begin = aligned(LENGTH_BYTES + text.length);
  const numbers = [parameters, adam.first, adam.second];
  const bytes = new Uint8Array(begin + NUMBER_BYTES * 3 * parameters.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, LENGTH_BYTES);
  const values = new Float64Array(bytes.buffer, begin);
  numbers.forEach((part, place) => values.set(part, place * parameters.length));
  return bytes;
}

/** @throws PlatformError invalid_argument for bytes that are no state of training */
export function decodeTraining(bytes: Uint8Array): TrainingState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= LENGTH_BYTES ? view.getUint32(0, true) : 0;
  const begin = aligned(LENGTH_BYTES + length);
  if (begin > bytes.length) throw corrupt();
  const head = headSchema.safeParse(parsedJson(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)));
  if (!head.success) throw corrupt();
  const { shape, epochs, seed, loss, steps } = head.data;
  const count = hybridSize(shape);
  if (bytes.length - begin !== NUMBER_BYTES * 3 * count) throw corrupt();
  const values = new Float64Array(bytes.slice(begin).buffer);
  if (!values.every(Number.isFinite)) throw corrupt();
  const [parameters, first, second] = [0, 1, 2].map((place) => values.slice(place * count, (place + 1) * count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { shape, epochs, seed, loss, parameters, adam: { first, second, steps } };
}

function aligned(offset: number): number {
  return Math.ceil(offset / NUMBER_BYTES) * NUMBER_BYTES;
}

function corrupt(): PlatformError {
  return new PlatformError('invalid_argument', 'The state of a training is corrupt');
}
