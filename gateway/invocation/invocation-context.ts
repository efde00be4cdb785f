import type { LatencyMatrix, Place } from '../../core/network/latency-matrix';
import type { Admission } from '../admission/admission';
import type { InvocationRecord } from '../../drivers/store/store';
import type { RateLimits } from '../admission/rate-limits';
import type { RequestAuthenticator } from '../auth/request-authenticator';
import type { CoveredFunction } from '../budget/covered-function';
import type { InvocationRecorder } from '../record/invocation-recorder';
import type { CallTraces } from '../tracing/call-traces';
import type { CallerMarks } from './caller-marks';
import type { CallerPlaces } from './caller-places';
import type { InstanceBroker } from './instance-broker';
import type { RouteTable } from './route-table';

/** What the log gets of an invocation path gone wrong; pino's is one. */
export interface InvocationLog {
  error(fields: object, message: string): void;
}

export interface InvocationContext {
  readonly routes: Pick<RouteTable, 'resolve'>;
  readonly auth: Pick<RequestAuthenticator, 'authenticateCached'>;
  readonly broker: Pick<InstanceBroker, 'poolOf' | 'otherPoolOf'>;
  /** Where users are. */
  readonly places: Pick<CallerPlaces, 'of'>;
  /** Where a node is, and so who calls from there; absent: where users are. */
  readonly placeOf?: (node: string) => Place | undefined;
  /** Round trips that exchanges with instances are to take beside what they take here; absent: none. */
  readonly injected?: Pick<LatencyMatrix, 'ms'> | undefined;
  readonly admission: Pick<Admission, 'tryEnter' | 'wait' | 'leave'>;
  /** Absent: no rate is limited. */
  readonly rates?: Pick<RateLimits, 'take'>;
  /** Told what a call of a function that budgets cover was, before it is recorded. */
  readonly spent?: (spend: CoveredFunction, record: InvocationRecord) => void;
  readonly recorder: Pick<InvocationRecorder, 'record'>;
  /** Which of our functions calls. */
  readonly callers: Pick<CallerMarks, 'mark' | 'callerOf'>;
  /** The id of the price table by which calls are priced; absent: none is. */
  readonly priceTable?: string;
  /** Absent: no traces are kept. */
  readonly traces?: Pick<CallTraces, 'begun' | 'calling' | 'ended'> | undefined;
  readonly log: InvocationLog;
  /** `gateway.maxBody` of the configuration. */
  readonly maxBodyBytes: number;
  /** Hosts, in lower case, that a proxy leads to one function each. */
  readonly pageHosts: ReadonlySet<string>;
  /** How long a WebSocket may stay on an instance that is wanted back, in milliseconds. */
  readonly streamGraceMs: number;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
}
