import type { RemovalReason } from '../../core/agent/instance-state';
import type { PlatformError } from '../../core/error/platform-error';
import type { RunSpec } from '../../core/function/run-spec';
import type { SandboxLogLine } from '../../drivers/sandbox/sandbox';
import type { InstanceRecord, LogRecord } from '../../drivers/store/store';
import type { Instance } from '../instance/instance';
import type { RecordBatcher } from './record-batcher';

type Owner = Pick<RunSpec, 'tenant' | 'function' | 'revision'>;

/** What this node tells people and programs about its instances: events, instance rows and the functions' own lines. */
export class Journal {
  readonly #node: string;
  readonly #records: RecordBatcher;
  readonly #waitSecond: number;
  /** Since the agent started, by code. */
  readonly failures: Record<string, number> = {};

  /** @param waitSecond what a second that a caller waits for a start costs, in micro-dollars */
  constructor(node: string, records: RecordBatcher, waitSecond: number) {
    this.#node = node;
    this.#waitSecond = waitSecond;
    this.#records = records;
  }

  /** Its row as it is now. */
  changed(instance: Instance): void {
    this.#records.writeInstance(this.#row(instance, null));
  }

  /** @param ahead nobody waits for it */
  started(instance: Instance, startMs: number, ahead: boolean): void {
    this.changed(instance);
    this.#event('instance.started', instance.run, {
      instanceId: instance.id,
      kind: instance.kind,
      blank: instance.blank,
      role: instance.role,
      cause: instance.arrival?.cause ?? null,
      startMs: hundredths(startMs),
      ahead,
      price: ahead ? 0 : hundredths((startMs / 1000) * this.#waitSecond),
      checkpointId: instance.checkpointId,
    });
  }

  ended(instance: Instance, reason: RemovalReason): void {
    this.#records.writeInstance(this.#row(instance, reason));
    this.#event('instance.ended', instance.run, { instanceId: instance.id, reason, served: instance.served });
  }

  startFailed(instance: Instance, error: PlatformError, lines: readonly string[]): void {
    this.count(error.code);
    this.#event('instance.start-failed', instance.run, {
      instanceId: instance.id,
      kind: instance.kind,
      blank: instance.blank,
      code: error.code,
      message: error.message,
      lastLines: lines,
      checkpointId: instance.checkpointId,
    });
  }

  checkpoint(what: 'made' | 'published' | 'quarantined' | 'dropped', run: Owner | null, data: object): void {
    if (what === 'quarantined') this.count('checkpoint_quarantined');
    this.#event(`checkpoint.${what}`, run, data);
  }

  node(what: 'started' | 'draining' | 'resumed' | 'stopped', data: object): void {
    this.#event(`node.${what}`, null, data);
  }

  count(code: string): void {
    this.failures[code] = (this.failures[code] ?? 0) + 1;
  }

  logged(instance: Instance, line: SandboxLogLine): void {
    this.#line(instance, line);
  }

  /** A line of the platform's own among the function's. */
  platformLine(instance: Instance, text: string): void {
    this.#line(instance, { at: Date.now(), invocationId: null, stream: 'platform', text });
  }

  /** A row of an instance that an earlier agent started and that is gone. */
  lost(row: InstanceRecord): void {
    this.#records.writeInstance({ ...row, state: 'gone', endedAt: new Date(), reason: 'node-lost' });
  }

  #line(instance: Instance, line: Pick<LogRecord, 'invocationId' | 'stream' | 'text'> & { readonly at: number }): void {
    const { tenant, function: name, revision } = instance.run;
    this.#records.writeLog({
      at: new Date(line.at),
      tenant,
      function: name,
      revision,
      node: this.#node,
      instanceId: instance.id,
      invocationId: line.invocationId,
      stream: line.stream,
      text: line.text,
    });
  }

  #row(instance: Instance, reason: RemovalReason | null): InstanceRecord {
    const { tenant, function: name, revision } = instance.run;
    return {
      id: instance.id,
      tenant,
      function: name,
      revision,
      node: this.#node,
      state: reason === null ? instance.state : 'gone',
      kind: instance.kind,
      startedAt: new Date(instance.startedAt),
      endedAt: reason === null ? null : new Date(),
      reason,
    };
  }

  #event(type: string, owner: Owner | null, data: object): void {
    this.#records.writeEvent({
      at: new Date(),
      tenant: owner?.tenant ?? null,
      type,
      function: owner?.function ?? null,
      node: this.#node,
      data: { ...(owner ? { revision: owner.revision } : {}), ...data },
    });
  }
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
