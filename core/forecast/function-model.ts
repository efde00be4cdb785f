import { z } from 'zod';
import { PlatformError } from '../error/platform-error';
import { arModelSchema } from './ar-model';

/** What a training learned of one function; everything else it is forecast with is learned anew from its last day. */
const functionModelSchema = z.strictObject({
  format: z.literal('presage-function/1'),
  /** Null where no autoregression could be fitted: the other members do without. */
  arima: arModelSchema.nullable(),
  /** Digest of the network that the function was validated with; null for none. */
  network: z.string().nullable(),
  /** Minutes since 1970 in the function's time zone: first trained on, and first not trained on. */
  window: z.strictObject({ from: z.int(), to: z.int() }),
});
export type FunctionModel = Readonly<z.infer<typeof functionModelSchema>>;

export function encodeFunctionModel(model: Omit<FunctionModel, 'format'>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ format: 'presage-function/1', ...model }));
}

/** @throws PlatformError invalid_argument for bytes that are no model of a function */
export function decodeFunctionModel(bytes: Uint8Array): FunctionModel {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    value = null;
  }
  const model = functionModelSchema.safeParse(value);
  if (!model.success) throw new PlatformError('invalid_argument', 'The forecast model of the function is corrupt');
  return model.data;
}
