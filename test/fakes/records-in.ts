import { readBlock } from '../../core/record/block-reader';
import type { InvocationBatch, InvocationRecord } from '../../drivers/store/store';

/** The records of a batch, those in blocks first. */
export function recordsIn({ blocks, rows }: InvocationBatch): InvocationRecord[] {
  const packed = blocks.flatMap((block) => {
    const record = readBlock(block);
    return Array.from({ length: block.calls }, (_, call) => record(call));
  });
  return [...packed, ...rows];
}
