import path from 'node:path';
import type { Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { PriceBook } from '../../core/cost/price-book';
import type { PriceTable } from '../../core/cost/price-table';
import { createLocalSpool } from '../../drivers/spool/local/local-spool';
import { pricedSink } from '../../drivers/store/priced-sink';
import type { InvocationBatch, InvocationRecord, Store } from '../../drivers/store/store';
import { CostCounts } from '../../gateway/record/cost-counts';
import { InvocationRecorder } from '../../gateway/record/invocation-recorder';
import { LeaseRests } from '../../gateway/record/lease-rests';
import { readSpooledBatch, spooledBatch } from '../../gateway/record/spooled-batch';
import type { Config } from '../config';
import { heldSpool } from '../held-spool';

export interface RecordingPartsContext {
  readonly config: Config;
  readonly store: Store;
  readonly prices: PriceTable;
  readonly priceBook: PriceBook;
  /** Told of each call that has ended, whether it is recorded or not. */
  readonly observe: (record: InvocationRecord) => void;
  /** Told of each batch when it is made, and when the store has it. */
  readonly sealed: (batch: InvocationBatch) => void;
  readonly written: (batch: InvocationBatch) => void;
  readonly log: Logger;
}

/** What a gateway writes down of calls, and of instances that rest within their leases. */
export interface RecordingParts {
  readonly recorder: InvocationRecorder;
  /** Where calls go as the configuration wants it: to the recorder, or only to whoever observes. */
  readonly calls: Pick<InvocationRecorder, 'record'>;
  /** Undefined where nothing is recorded. */
  readonly rests: LeaseRests | undefined;
  readonly measure: (registry: Registry) => void;
  /** Writes what an earlier process left in the spools. */
  readonly open: () => void;
  /** Writes what is there, for at most `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>;
}

export function createRecordingParts(context: RecordingPartsContext): RecordingParts {
  const { config, store, prices, priceBook, observe, log } = context;
  // Gateways that share the port share the spools too: each takes up what one that is gone has left.
  const spoolOf = (name: string): string => path.join(config.dataDir, 'spool', `${name}-${config.gateway.port}`);
  const sink = pricedSink(store, prices);
  const rests = new LeaseRests({
    write: (batch) => sink.writeHeld(batch),
    spool: heldSpool(spoolOf('held'), log),
    ...{ prices, log },
  });
  const costs = new CostCounts();
  const recorder = new InvocationRecorder({
    sink,
    log,
    prices: priceBook,
    spool: createLocalSpool({
      dir: spoolOf('gateway'),
      maxBytes: config.gateway.spool,
      write: spooledBatch,
      read: readSpooledBatch,
      log,
    }),
    observe,
    sealed: (batch) => {
      costs.add(batch);
      context.sealed(batch);
    },
    written: context.written,
  });
  const counts = config.gateway.records === 'all';
  return {
    recorder,
    calls: counts ? recorder : { record: observe },
    rests: counts ? rests : undefined,
    measure: (registry) => costs.register(registry),
    open: () => {
      recorder.open();
      rests.open();
    },
    close: async (graceMs) => {
      await rests.close();
      await recorder.close(graceMs);
    },
  };
}
