import { z } from 'zod';
import { PlatformError } from '../error/platform-error';
import { HEAD_BYTES, openPart, versionOf } from './block-bytes';
import {
  FIRST_NAMES,
  MINUTE_MS,
  NAME_COLUMNS,
  NUMBER_COLUMNS,
  TIME_COLUMNS,
  TRACE_BYTES,
  type Name,
} from './block-form';
import { readHex } from './hex-digits';
import type { InvocationBlock } from './invocation-batch';
import type { InvocationRecord } from './invocation-record';
import { readColumn, type WrittenColumn } from './number-column';
import { idOf, LOT_BYTES } from './timed-id';

type Read = WrittenColumn['at'];

/** When the calls of a block came, and how long they took. */
export interface BlockTimes {
  readonly calls: number;
  /** Unix milliseconds. */
  readonly at: Read;
  /** Milliseconds. */
  readonly totalMs: Read;
  readonly executeMs: Read;
}

/** @throws PlatformError internal for bytes that are not those of such a block */
export function readTimes(block: Pick<InvocationBlock, 'calls' | 'lastAt' | 'times'>): BlockTimes {
  const { calls, lastAt, times } = block;
  const minute = Math.floor(lastAt.getTime() / MINUTE_MS) * MINUTE_MS;
  const { columns, end } = readColumns(openPart(times, calls), HEAD_BYTES, calls, TIME_COLUMNS);
  if (end !== times.length) throw new PlatformError('internal', 'A block of invocations is too long');
  const { at, total, execute } = columns;
  return {
    calls,
    at: (call) => minute + at(call),
    totalMs: (call) => total(call) / 1000,
    executeMs: (call) => execute(call) / 1000,
  };
}

const textsSchema = z.array(z.array(z.union([z.string(), z.number(), z.null()])).min(1));

/**
 * The records of a block, by their places in it.
 * @throws PlatformError internal for bytes that are not those of such a block
 */
export function readBlock(
  block: Pick<InvocationBlock, 'tenant' | 'functionId' | 'function' | 'calls' | 'lastAt' | 'times' | 'details'>,
): (call: number) => InvocationRecord {
  const { calls, details } = block;
  const times = readTimes(block);
  const part = openPart(details, calls);
  const traces = HEAD_BYTES + LOT_BYTES * calls;
  const numbers = readColumns(part, traces + TRACE_BYTES * calls, calls, NUMBER_COLUMNS);
  const written = versionOf(part) === 1 ? NAME_COLUMNS.slice(0, FIRST_NAMES) : NAME_COLUMNS;
  const places = readColumns(part, numbers.end, calls, written);
  const texts = readTexts(details.subarray(places.end), written.length);
  const { columns } = numbers;
  const ms = (read: Read, call: number): number => read(call) / 1000;
  const named = (call: number): Record<(typeof NAME_COLUMNS)[number], Name> => {
    const names = { pricing: null } as Record<(typeof NAME_COLUMNS)[number], Name>;
    for (const [index, name] of written.entries()) names[name] = texts[index]?.[places.columns[name](call)] ?? null;
    return names;
  };
  return (call) => {
    const at = times.at(call);
    const [totalMs, executeMs] = [times.totalMs(call), times.executeMs(call)];
    const cpu = columns.cpu(call);
    const trace = traces + TRACE_BYTES * call;
    const traced = details.subarray(trace, trace + TRACE_BYTES).some((byte) => byte !== 0);
    const names = named(call) as Pick<InvocationRecord, (typeof NAME_COLUMNS)[number]>;
    return {
      id: idOf(at, details, HEAD_BYTES + LOT_BYTES * call),
      at: new Date(at),
      tenant: block.tenant,
      functionId: block.functionId,
      function: block.function,
      ...names,
      errorCode: null,
      kind: 'hot',
      cause: null,
      queueMs: Math.round((totalMs - executeMs) * 1000) / 1000,
      startMs: 0,
      executeMs,
      totalMs,
      firstByteMs: ms(columns.firstByte, call),
      phases: { admit: ms(columns.admit, call), firstByte: ms(columns.head, call), body: ms(columns.body, call) },
      cpuMicros: cpu === 0 ? null : cpu - 1,
      memoryByteMs: columns.memory(call),
      bytesIn: columns.bytesIn(call),
      bytesOut: columns.bytesOut(call),
      traceId: traced ? readHex(details, trace, trace + TRACE_BYTES) : null,
      attempt: null,
    };
  };
}

function readColumns<K extends string>(
  part: DataView,
  from: number,
  calls: number,
  names: readonly K[],
): { columns: Record<K, Read>; end: number } {
  const columns = {} as Record<K, Read>;
  let end = from;
  for (const name of names) {
    if (end >= part.byteLength) throw new PlatformError('internal', 'A block of invocations ends too early');
    const column = readColumn(part, end + 1, calls, part.getUint8(end));
    columns[name] = column.at;
    end = column.end;
  }
  return { columns, end };
}

function readTexts(bytes: Uint8Array, names: number): z.output<typeof textsSchema> {
  try {
    return textsSchema.length(names).parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    throw new PlatformError('internal', 'A block of invocations has no names', { cause: error });
  }
}
