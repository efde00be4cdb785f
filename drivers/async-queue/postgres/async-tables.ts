import type { ColumnType, Generated } from 'kysely';
import type { AsyncPolicy } from '../../../core/async/async-policy';
import type { AsyncOrigin, AsyncState } from '../../../core/async/async-state';
import type { TriggerSpec } from '../../../core/function/trigger-spec';
import type { AsyncTry } from '../async-queue';

type Json<T> = ColumnType<T, string, string>;

/** The tables of the migration 0004, as `DatabaseSchema` takes them in. */
export interface AsyncTables {
  asyncInvocations: {
    id: string;
    tenant: string;
    functionId: string;
    function: string;
    alias: string;
    origin: AsyncOrigin;
    /** Destinations passed before it came about. */
    hops: Generated<number>;
    method: string;
    path: string;
    headers: Json<string[]>;
    remoteAddress: string | null;
    body: Buffer | null;
    bodyDigest: string | null;
    bodyLength: number;
    policy: Json<AsyncPolicy>;
    idempotencyKey: string | null;
    fingerprint: string | null;
    state: Generated<AsyncState>;
    tries: Generated<number>;
    failures: Generated<number>;
    worker: string | null;
    acceptedAt: Generated<Date>;
    dueAt: Generated<Date>;
    expiresAt: Date;
    startedAt: Date | null;
    endedAt: Date | null;
    forgetAt: Date | null;
    reason: string | null;
    resultStatus: number | null;
    resultHeaders: ColumnType<string[] | null, string | null, string | null>;
    resultBody: Buffer | null;
    resultDigest: string | null;
    resultLength: Generated<number>;
    resultTruncated: Generated<boolean>;
    history: ColumnType<AsyncTry[], string | undefined, string>;
  };
  asyncWorkers: { id: string; gateway: string; seenAt: Generated<Date> };
  cronTriggers: {
    functionId: string;
    name: string;
    tenant: string;
    function: string;
    trigger: Json<TriggerSpec>;
    policy: Json<AsyncPolicy>;
    nextAt: Date | null;
  };
}
