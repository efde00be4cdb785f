import { moduleBytes } from '../../wasm/module-bytes';
import { arraysFor, compile } from '../../wasm/wasm-memory';
import { PRODUCT_KERNEL } from './product-kernel';

/** A matrix within an array: where it begins, and how far it is from one row, and from one column, to the next. */
export interface Strided {
  readonly array: Float64Array;
  readonly at: number;
  readonly row: number;
  readonly column: number;
}

/** Rows of a matrix that lie one behind the other. */
export interface Rows {
  readonly array: Float64Array;
  readonly at: number;
}

const module_ = compile(moduleBytes([PRODUCT_KERNEL]));
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Arrays that matrices are kept in, made once, and how these are multiplied. */
export class Matrices<Name extends string> {
  readonly arrays: Readonly<Record<Name, Float64Array>>;
  readonly #one: Strided;
  readonly #addProduct: (...values: number[]) => void;

  /** @param lengths of the arrays, in numbers */
  constructor(lengths: Readonly<Record<Name, number>>) {
    const { arrays, functions } = arraysFor<Name | 'one'>(module_, { ...lengths, one: 1 });
    this.arrays = arrays;
    arrays.one[0] = 1;
    this.#one = { array: arrays.one, at: 0, row: 0, column: 0 };
    this.#addProduct = functions[PRODUCT_KERNEL.name] as (...values: number[]) => void;
  }

  /** to += left × right. @param rows of `to` @param inner columns of `left` @param width columns of `to` and of `right` */
  addProduct(to: Rows, left: Strided, right: Rows, rows: number, inner: number, width: number): void {
    const [leftRow, leftInner] = [left.row * BYTES, left.column * BYTES];
    this.#addProduct(place(to), place(left), leftRow, leftInner, place(right), rows, inner, width);
  }

  /** Adds one row to each of the rows of `to`. */
  addRow(to: Rows, row: Rows, rows: number, width: number): void {
    this.addProduct(to, this.#one, row, rows, 1, width);
  }

  /** to += the sum of rows. */
  addSum(to: Rows, from: Rows, rows: number, width: number): void {
    this.addProduct(to, this.#one, from, 1, rows, width);
  }
}

function place({ array, at }: Rows): number {
  return array.byteOffset + at * BYTES;
}

/** A matrix of rows one behind the other, to be multiplied from the left. */
export function plain(array: Float64Array, at: number, width: number): Strided {
  return { array, at, row: width, column: 1 };
}

/** The same with rows and columns exchanged. */
export function turned(array: Float64Array, at: number, width: number): Strided {
  return { array, at, row: 1, column: width };
}

/** Writes the transpose of a matrix to the beginning of another array. */
export function writeTransposed(from: Rows, rows: number, width: number, to: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      to[column * rows + row] = from.array[from.at + row * width + column] as number;
    }
  }
}
