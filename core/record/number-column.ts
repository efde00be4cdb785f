import { PlatformError } from '../error/platform-error';

/** Bytes of each value: none where all are 0, else the fewest that the greatest needs; 8: a double. */
export type ColumnWidth = 0 | 1 | 2 | 4 | 8;

/** One of the columns that lie interleaved in cells: the value of each call `stride` cells after that of the one before. */
export interface CellColumn {
  readonly cells: Float64Array;
  readonly first: number;
  readonly stride: number;
  readonly calls: number;
}

/** @param column of whole numbers, from 0 on */
export function columnWidth({ cells, first, stride, calls }: CellColumn): ColumnWidth {
  let greatest = 0;
  for (let call = 0, cell = first; call < calls; call++, cell += stride) {
    const value = cells[cell] as number;
    if (value > greatest) greatest = value;
  }
  if (greatest === 0) return 0;
  if (greatest < 2 ** 8) return 1;
  if (greatest < 2 ** 16) return 2;
  return greatest < 2 ** 32 ? 4 : 8;
}

/** Writes the values one after the other, least byte first. @returns where the next column begins */
export function writeColumn(to: DataView, from: number, column: CellColumn, width: ColumnWidth): number {
  const { cells, first, stride, calls } = column;
  if (width === 0) return from;
  for (let call = 0, cell = first, at = from; call < calls; call++, cell += stride, at += width) {
    const value = cells[cell] as number;
    if (width === 1) to.setUint8(at, value);
    else if (width === 2) to.setUint16(at, value, true);
    else if (width === 4) to.setUint32(at, value, true);
    else to.setFloat64(at, value, true);
  }
  return from + calls * width;
}

/** A column that was written. */
export interface WrittenColumn {
  /** The value of one call, from 0 on. */
  readonly at: (index: number) => number;
  /** Where the next column begins. */
  readonly end: number;
}

/** @throws PlatformError internal where the bytes are no column of so many values */
export function readColumn(bytes: DataView, from: number, count: number, width: number): WrittenColumn {
  const end = from + count * width;
  if (end > bytes.byteLength) throw new PlatformError('internal', 'A block of invocations ends too early');
  switch (width) {
    case 0:
      return { at: () => 0, end };
    case 1:
      return { at: (index) => bytes.getUint8(from + index), end };
    case 2:
      return { at: (index) => bytes.getUint16(from + 2 * index, true), end };
    case 4:
      return { at: (index) => bytes.getUint32(from + 4 * index, true), end };
    case 8:
      return { at: (index) => bytes.getFloat64(from + 8 * index, true), end };
    default:
      throw new PlatformError('internal', `A block of invocations has a column of ${width} bytes`);
  }
}
