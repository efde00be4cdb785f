import * as wasm from '../../wasm/instructions';
import type { ModuleFunction } from '../../wasm/module-bytes';

/** Numbers of a block: four vectors of two, whose sums stay in registers. */
const BLOCK = 8;
const BYTES = 8;

// Parameters and locals by their numbers. Places and strides are in bytes, counts in numbers of 64 bits.
const [TO, LEFT, LEFT_ROW, LEFT_INNER, RIGHT, ROWS, INNER, WIDTH] = [0, 1, 2, 3, 4, 5, 6, 7];
const [COLUMN, REST, LEFT_AT, RIGHT_AT, COUNT, RIGHT_ROW, SUM, FACTOR, VECTOR] = [8, 9, 10, 11, 12, 13, 14, 15, 16];
const VECTORS = [0, 1, 2, 3] as const;

/**
 * to[row][column] += sum over i of left[row × leftRow + i × leftInner] × right[i][column], with to and right in rows of
 * `width` numbers one behind the other. The strides of `left` make it serve as a matrix, its transpose or one number.
 * No sum depends on the machine: additions are in the order of i, and WebAssembly rounds each.
 */
export const PRODUCT_KERNEL: ModuleFunction = {
  name: 'addProduct',
  parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
  locals: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f64', 'v128', 'v128', 'v128', 'v128', 'v128'],
  body: [
    ...times8(WIDTH, RIGHT_ROW),
    ...wasm.whileAtLeast(ROWS, 1, [
      ...wasm.copy(RIGHT, COLUMN),
      ...wasm.copy(WIDTH, REST),
      ...wasm.whileAtLeast(REST, BLOCK, [
        ...VECTORS.flatMap((n) => [...wasm.get(TO), ...wasm.load128(16 * n), ...wasm.set(VECTOR + n)]),
        ...alongInner([
          ...[...wasm.get(LEFT_AT), ...wasm.LOAD64_SPLAT, ...wasm.set(FACTOR)],
          ...VECTORS.flatMap((n) => [
            ...[...wasm.get(VECTOR + n), ...wasm.get(FACTOR), ...wasm.get(RIGHT_AT), ...wasm.load128(16 * n)],
            ...[...wasm.F64X2_MUL, ...wasm.F64X2_ADD, ...wasm.set(VECTOR + n)],
          ]),
        ]),
        ...VECTORS.flatMap((n) => [...wasm.get(TO), ...wasm.get(VECTOR + n), ...wasm.store128(16 * n)]),
        ...nextColumns(BLOCK),
      ]),
      ...wasm.whileAtLeast(REST, 1, [
        ...[...wasm.get(TO), ...wasm.F64_LOAD, ...wasm.set(SUM)],
        ...alongInner([
          ...[...wasm.get(SUM), ...wasm.get(LEFT_AT), ...wasm.F64_LOAD, ...wasm.get(RIGHT_AT), ...wasm.F64_LOAD],
          ...[...wasm.F64_MUL, ...wasm.F64_ADD, ...wasm.set(SUM)],
        ]),
        ...[...wasm.get(TO), ...wasm.get(SUM), ...wasm.F64_STORE],
        ...nextColumns(1),
      ]),
      ...wasm.advanceBy(LEFT, LEFT_ROW),
      ...wasm.advance(ROWS, -1),
    ]),
  ],
};

function times8(from: number, to: number): number[] {
  return [...wasm.get(from), ...wasm.constant(3), ...wasm.I32_SHL, ...wasm.set(to)];
}

/** Walks down a column of `right` and along what it is multiplied by. */
function alongInner(body: readonly number[]): number[] {
  return [
    ...wasm.copy(LEFT, LEFT_AT),
    ...wasm.copy(COLUMN, RIGHT_AT),
    ...wasm.copy(INNER, COUNT),
    ...wasm.whileAtLeast(COUNT, 1, [
      ...body,
      ...wasm.advanceBy(LEFT_AT, LEFT_INNER),
      ...wasm.advanceBy(RIGHT_AT, RIGHT_ROW),
      ...wasm.advance(COUNT, -1),
    ]),
  ];
}

function nextColumns(columns: number): number[] {
  return [
    ...wasm.advance(TO, columns * BYTES),
    ...wasm.advance(COLUMN, columns * BYTES),
    ...wasm.advance(REST, -columns),
  ];
}
