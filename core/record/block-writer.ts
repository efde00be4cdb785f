import { CostSum, NO_COSTS, type CallCosts } from '../cost/cost-sum';
import type { PriceBook } from '../cost/price-book';
import { HEAD_BYTES, newPart, sealPart } from './block-bytes';
import { MINUTE_MS, NAME_COLUMNS, NUMBER_COLUMNS, TIME_COLUMNS, TRACE_BYTES, type Name } from './block-form';
import { cellOf, trafficSums } from './block-sums';
import { writeHex } from './hex-digits';
import type { InvocationBlock } from './invocation-batch';
import type { InvocationRecord } from './invocation-record';
import { NameList } from './name-list';
import { columnWidth, writeColumn, type CellColumn, type ColumnWidth } from './number-column';
import { exactMicros, isCount, isPlain, NOT_EXACT } from './plain-call';
import { LOT_BYTES, timeOfId, writeLot } from './timed-id';

/** Room at first: many functions have few calls. */
const FEW = 16;
const NO_TRACE = '0'.repeat(2 * TRACE_BYTES);
/** Where the columns begin among the cells of a call. */
const NUMBERS = TIME_COLUMNS.length;
const NAMES = NUMBERS + NUMBER_COLUMNS.length;
const CELLS = NAMES + NAME_COLUMNS.length;
/** Cells of which sums are made. */
const [AT, TOTAL, EXECUTE] = [0, 1, 2];
const FIRST_BYTE = NUMBERS + NUMBER_COLUMNS.indexOf('firstByte');
const CPU = NUMBERS + NUMBER_COLUMNS.indexOf('cpu');
const BYTES_IN = NUMBERS + NUMBER_COLUMNS.indexOf('bytesIn');
const BYTES_OUT = NUMBERS + NUMBER_COLUMNS.indexOf('bytesOut');
const MEMORY = NUMBERS + NUMBER_COLUMNS.indexOf('memory');
const USER_REGION = NAMES + NAME_COLUMNS.indexOf('userRegion');
const CALLER_ID = NAMES + NAME_COLUMNS.indexOf('callerId');
const PRICING = NAMES + NAME_COLUMNS.indexOf('pricing');
const RANDOM_BYTES = LOT_BYTES + TRACE_BYTES;

/** Whose calls a block holds. */
export interface BlockKey {
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
  /** Unix milliseconds of its begin. */
  readonly minute: number;
}

/** Packs ordinary calls of one function that arrived within one minute. */
export class BlockWriter {
  #of: BlockKey = { tenant: '', functionId: '', function: '', minute: 0 };
  #calls = 0;
  #room = 0;
  /** Call after call, so that one touches little memory; they become columns at the end. */
  #cells = new Float64Array(0);
  /** What is random of the ids of calls, and of traces. */
  #lots = new Uint8Array(0);
  #traces = new Uint8Array(0);
  readonly #names = NAME_COLUMNS.map(() => new NameList());

  /** Begins a block, in the room of the one before. */
  begin(of: BlockKey): this {
    this.#of = of;
    this.#calls = 0;
    for (const names of this.#names) names.clear();
    return this;
  }

  get calls(): number {
    return this.#calls;
  }

  /** Has it far more room than its calls needed? */
  get roomy(): boolean {
    return this.#room > FEW && this.#room > 16 * this.#calls;
  }

  /**
   * Takes the call, unless it is one that has to be kept for itself: it was not hot, failed, was asynchronous, or has
   * something that the form has no room for.
   */
  add(record: InvocationRecord): boolean {
    const of = this.#of;
    if (!isPlain(record) || record.function !== of.function || record.tenant !== of.tenant) return false;
    if (this.#calls === this.#room) this.#grow(Math.max(FEW, 4 * this.#calls));
    if (!this.#addRandom(record) || !this.#addTimes(record) || !this.#addNumbers(record)) return false;
    this.#addNames(record);
    this.#calls += 1;
    return true;
  }

  /** @param id of the block, a UUID that no other has */
  seal(id: string, prices: PriceBook): InvocationBlock {
    const { minute, ...whose } = this.#of;
    const columns = Array.from({ length: CELLS }, (_, cell) => this.#column(cell));
    const span = spanOf(this.#column(AT), this.#column(TOTAL));
    const [regions, callers] = [this.#names[USER_REGION - NAMES], this.#names[CALLER_ID - NAMES]];
    const traffic = {
      bytesIn: this.#column(BYTES_IN),
      bytesOut: this.#column(BYTES_OUT),
      latency: this.#column(FIRST_BYTE),
    };
    return {
      id,
      ...whose,
      calls: this.#calls,
      firstAt: new Date(minute + span.firstAt),
      lastAt: new Date(minute + span.lastAt),
      firstEnd: new Date(minute + Math.floor(span.firstEnd)),
      lastEnd: new Date(minute + Math.ceil(span.lastEnd)),
      times: this.#sealTimes(columns.slice(0, NUMBERS)),
      details: this.#sealDetails(columns.slice(NUMBERS)),
      sums: {
        ...this.#executed(),
        costs: this.#costs(prices),
        users: trafficSums(regions?.values ?? [], this.#column(USER_REGION), traffic),
        callers: trafficSums(callers?.values ?? [], this.#column(CALLER_ID), traffic),
      },
    };
  }

  #executed(): { executeMs: number; cpuMicros: number } {
    const [execute, cpu] = [this.#column(EXECUTE), this.#column(CPU)];
    let [executeMicros, cpuMicros] = [0, 0];
    for (let call = 0; call < this.#calls; call++) {
      const [took, measured] = [cellOf(execute, call), cellOf(cpu, call)];
      executeMicros += took;
      cpuMicros += measured === 0 ? took : measured - 1;
    }
    return { executeMs: executeMicros / 1000, cpuMicros };
  }

  /** What its calls cost together: each is priced for itself, so that the sum is that of the calls to the last digit. */
  #costs(book: PriceBook): CallCosts {
    const valuesOf = (cell: number): readonly Name[] => this.#names[cell - NAMES]?.values ?? [];
    const pricing = valuesOf(PRICING).map((text) => book.of(text as string | null));
    if (pricing.every((known) => known === null)) return NO_COSTS;
    const regions = valuesOf(USER_REGION) as readonly (string | null)[];
    const sum = new CostSum();
    const usage = {
      served: true,
      cpuMicros: 0,
      memoryByteMs: 0,
      bytesOut: 0,
      totalMs: 0,
      callerRegion: null as string | null,
    };
    for (let call = 0, cell = 0; call < this.#calls; call++, cell += CELLS) {
      const value = (column: number): number => this.#cells[cell + column] as number;
      const prices = pricing[value(PRICING)];
      if (!prices) continue;
      usage.cpuMicros = Math.max(0, value(CPU) - 1);
      usage.memoryByteMs = value(MEMORY);
      usage.bytesOut = value(BYTES_OUT);
      usage.totalMs = value(TOTAL) / 1000;
      usage.callerRegion = regions[value(USER_REGION)] ?? null;
      sum.add(prices, usage);
    }
    return sum.costs;
  }

  #addRandom({ id, at, traceId }: InvocationRecord): boolean {
    if (timeOfId(id) !== at.getTime() || !writeLot(id, this.#lots, this.#calls * LOT_BYTES)) return false;
    const trace = this.#calls * TRACE_BYTES;
    if (traceId === null) {
      this.#traces.fill(0, trace, trace + TRACE_BYTES);
      return true;
    }
    if (traceId.length !== 2 * TRACE_BYTES || traceId === NO_TRACE) return false;
    return writeHex(traceId, 0, this.#traces, trace, TRACE_BYTES);
  }

  #addTimes(record: InvocationRecord): boolean {
    const [total, execute] = [exactMicros(record.totalMs), exactMicros(record.executeMs)];
    if (total === NOT_EXACT || execute === NOT_EXACT || exactMicros(record.queueMs) !== total - execute) return false;
    const [cells, cell] = [this.#cells, this.#calls * CELLS];
    cells[cell] = record.at.getTime() - this.#of.minute;
    cells[cell + 1] = total;
    cells[cell + 2] = execute;
    return true;
  }

  #addNumbers({ phases, firstByteMs, cpuMicros, memoryByteMs, bytesIn, bytesOut }: InvocationRecord): boolean {
    const [cells, cell] = [this.#cells, this.#calls * CELLS + NUMBERS];
    const [admit, firstByte] = [exactMicros(phases['admit']), exactMicros(firstByteMs)];
    const [head, body] = [exactMicros(phases['firstByte']), exactMicros(phases['body'])];
    const cpu = cpuMicros === null ? 0 : cpuMicros + 1;
    cells[cell] = admit;
    cells[cell + 1] = firstByte;
    cells[cell + 2] = head;
    cells[cell + 3] = body;
    cells[cell + 4] = cpu;
    cells[cell + 5] = memoryByteMs;
    cells[cell + 6] = bytesIn;
    cells[cell + 7] = bytesOut;
    if (admit === NOT_EXACT || firstByte === NOT_EXACT || head === NOT_EXACT || body === NOT_EXACT) return false;
    return isCount(cpu) && isCount(memoryByteMs) && isCount(bytesIn) && isCount(bytesOut);
  }

  /** Each by its own name: looking fields up by names in a list would take longer than all of this. */
  #addNames(record: InvocationRecord): void {
    const [cells, cell, names] = [this.#cells, this.#calls * CELLS + NAMES, this.#names];
    cells[cell] = (names[0] as NameList).placeOf(record.revision);
    cells[cell + 1] = (names[1] as NameList).placeOf(record.node);
    cells[cell + 2] = (names[2] as NameList).placeOf(record.instanceId);
    cells[cell + 3] = (names[3] as NameList).placeOf(record.method);
    cells[cell + 4] = (names[4] as NameList).placeOf(record.path);
    cells[cell + 5] = (names[5] as NameList).placeOf(record.status);
    cells[cell + 6] = (names[6] as NameList).placeOf(record.userRegion);
    cells[cell + 7] = (names[7] as NameList).placeOf(record.callerId);
    cells[cell + 8] = (names[8] as NameList).placeOf(record.caller);
    cells[cell + 9] = (names[9] as NameList).placeOf(record.pricing);
  }

  #column(first: number): CellColumn {
    return { cells: this.#cells, first, stride: CELLS, calls: this.#calls };
  }

  #sealTimes(columns: readonly CellColumn[]): Uint8Array {
    const widths = columns.map(columnWidth);
    const part = newPart(bytesOf(widths, this.#calls));
    writeColumns(part, HEAD_BYTES, columns, widths);
    return sealPart(part, this.#calls);
  }

  #sealDetails(columns: readonly CellColumn[]): Uint8Array {
    const calls = this.#calls;
    const widths = columns.map(columnWidth);
    const texts = Buffer.from(JSON.stringify(this.#names.map(({ values }) => values)));
    const part = newPart(RANDOM_BYTES * calls + bytesOf(widths, calls) + texts.length);
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    bytes.set(this.#lots.subarray(0, LOT_BYTES * calls), HEAD_BYTES);
    bytes.set(this.#traces.subarray(0, TRACE_BYTES * calls), HEAD_BYTES + LOT_BYTES * calls);
    bytes.set(texts, writeColumns(part, HEAD_BYTES + RANDOM_BYTES * calls, columns, widths));
    return sealPart(part, calls);
  }

  #grow(room: number): void {
    const [cells, lots, traces] = [this.#cells, this.#lots, this.#traces];
    this.#room = room;
    this.#cells = new Float64Array(room * CELLS);
    this.#cells.set(cells);
    this.#lots = new Uint8Array(room * LOT_BYTES);
    this.#lots.set(lots);
    this.#traces = new Uint8Array(room * TRACE_BYTES);
    this.#traces.set(traces);
  }
}

/** Milliseconds after the minute began, of arrivals and of ends. */
function spanOf(at: CellColumn, total: CellColumn): Record<'firstAt' | 'lastAt' | 'firstEnd' | 'lastEnd', number> {
  let [firstAt, lastAt, firstEnd, lastEnd] = [MINUTE_MS, 0, Infinity, 0];
  for (let call = 0; call < at.calls; call++) {
    const came = cellOf(at, call);
    const end = came + cellOf(total, call) / 1000;
    if (came < firstAt) firstAt = came;
    if (came > lastAt) lastAt = came;
    if (end < firstEnd) firstEnd = end;
    if (end > lastEnd) lastEnd = end;
  }
  return { firstAt, lastAt, firstEnd, lastEnd };
}

function bytesOf(widths: readonly ColumnWidth[], calls: number): number {
  return widths.reduce((sum: number, width) => sum + 1 + width * calls, 0);
}

/** Each column after its width. @returns where they end */
function writeColumns(
  part: DataView,
  from: number,
  columns: readonly CellColumn[],
  widths: readonly ColumnWidth[],
): number {
  let at = from;
  for (const [index, values] of columns.entries()) {
    const width = widths[index] ?? 0;
    part.setUint8(at, width);
    at = writeColumn(part, at + 1, values, width);
  }
  return at;
}
