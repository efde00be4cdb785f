import type { Admission } from '../admission/admission';
import type { RateLimits } from '../admission/rate-limits';
import type { RequestAuthenticator } from '../auth/request-authenticator';
import type { InvocationRecorder } from '../record/invocation-recorder';
import type { InstanceBroker } from './instance-broker';
import type { RouteTable } from './route-table';

/** What the log gets of an invocation path gone wrong; pino's is one. */
export interface InvocationLog {
  error(fields: object, message: string): void;
}

export interface InvocationContext {
  readonly routes: Pick<RouteTable, 'resolve'>;
  readonly auth: Pick<RequestAuthenticator, 'authenticateCached'>;
  readonly broker: Pick<InstanceBroker, 'poolOf'>;
  readonly admission: Pick<Admission, 'tryEnter' | 'wait' | 'leave'>;
  /** Absent: no rate is limited. */
  readonly rates?: Pick<RateLimits, 'take'>;
  readonly recorder: Pick<InvocationRecorder, 'record'>;
  readonly log: InvocationLog;
  /** `gateway.maxBody` of the configuration. */
  readonly maxBodyBytes: number;
  /** How long a WebSocket may stay on an instance that is wanted back, in milliseconds. */
  readonly streamGraceMs: number;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
}
