import { signed, unsigned } from './module-bytes';

/** Instructions of WebAssembly as their bytes, those that our kernels need. Names are those of its text format. */
export const get = (local: number): number[] => [0x20, ...unsigned(local)];
export const set = (local: number): number[] => [0x21, ...unsigned(local)];
export const constant = (value: number): number[] => [0x41, ...signed(value)];

export const I32_SHL = [0x74];
export const F64_LOAD = [0x2b, 3, 0];
export const F64_STORE = [0x39, 3, 0];
export const F64_ADD = [0xa0];
export const F64_MUL = [0xa2];
export const F64X2_ADD = [0xfd, 0xf0, 0x01];
export const F64X2_MUL = [0xfd, 0xf2, 0x01];
export const LOAD64_SPLAT = [0xfd, 0x0a, 3, 0];
export const load128 = (offset: number): number[] => [0xfd, 0x00, 3, ...unsigned(offset)];
export const store128 = (offset: number): number[] => [0xfd, 0x0b, 3, ...unsigned(offset)];

const I32_ADD = 0x6a;
const I32_GE_S = 0x4e;

/** local += constant. */
export const advance = (local: number, by: number): number[] => [
  ...get(local),
  ...constant(by),
  I32_ADD,
  ...set(local),
];
/** local += other local. */
export const advanceBy = (local: number, by: number): number[] => [...get(local), ...get(by), I32_ADD, ...set(local)];
export const copy = (from: number, to: number): number[] => [...get(from), ...set(to)];

/** Repeats as long as the local is at least that large before a round. */
export function whileAtLeast(local: number, least: number, body: readonly number[]): number[] {
  const isLarge = [...get(local), ...constant(least), I32_GE_S];
  // if { loop { body; br_if loop } }
  return [...isLarge, 0x04, 0x40, 0x03, 0x40, ...body, ...isLarge, 0x0d, 0, 0x0b, 0x0b];
}
