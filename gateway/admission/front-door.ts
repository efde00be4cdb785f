import type { TenantLimits } from '../../core/admission/limits';
import type { Limiter } from '../../drivers/limiter/limiter';
import type { SharedPlaces } from '../../drivers/shared-places/shared-places';
import type { RevisionRoute } from '../invocation/revision-route';
import { Admission, type Admittee, type AdmissionOptions } from './admission';
import { LimitTable, type LimitTableOptions } from './limit-table';
import { RateLimits, type RateLog } from './rate-limits';
import { SharedCaps } from './shared-caps';

export interface FrontDoorOptions {
  readonly store: LimitTableOptions['store'];
  readonly limiter: Limiter;
  /** Lends what other gateways leave of caps; null: each gateway's caps are its own. */
  readonly places: SharedPlaces | null;
  readonly log: RateLog;
  /** `gateway.limits` of the configuration. */
  readonly limits: TenantLimits;
  /** `gateway.inFlight`: places in all, and which part of them one tenant may have at most. */
  readonly inFlight: { readonly max: number; readonly tenantShare: number };
  readonly queue: AdmissionOptions['queue'];
}

/** Who may come in, how often and how many at once: the parts, and what they tell each other. */
export interface FrontDoor {
  readonly admission: Admission;
  readonly rates: RateLimits;
  /** Starts to follow the store's limits. */
  readonly open: () => Promise<void>;
  /** The routes have changed: those with reservations are kept places. */
  readonly routesChanged: (routes: Iterable<RevisionRoute>) => void;
  /** Sends away who waits. */
  readonly close: () => Promise<void>;
}

export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { store, limiter, places, log, limits, inFlight, queue } = options;
  let reserved: readonly Admittee[] = [];
  const entitle = (): void => admission.entitle(table.withReservations, reserved);
  const table: LimitTable = new LimitTable({
    store,
    log,
    defaults: limits,
    defaultMaxInFlight: Math.max(1, Math.floor(inFlight.max * inFlight.tenantShare)),
    changed: () => entitle(),
  });
  const caps = places ? new SharedCaps(places, () => admission.widened()) : undefined;
  const admission: Admission = new Admission({
    maxInFlight: inFlight.max,
    shareOf: (tenant) => table.shareOf(tenant),
    queue,
    ...(caps ? { caps } : {}),
  });
  return {
    admission,
    rates: new RateLimits(limiter, table, log),
    open: () => table.open(),
    routesChanged: (routes) => {
      reserved = [...routes].filter(({ share }) => share.reserved > 0).map(admitteeOf);
      entitle();
    },
    close: async () => {
      admission.close();
      await caps?.close();
      await Promise.all([table.close(), limiter.close()]);
    },
  };
}

/** For whom the requests of a route ask. */
export function admitteeOf({ revision, share, spend }: RevisionRoute): Admittee {
  // A budget that runs out lets its calls go one by one.
  const own = spend?.share ?? share;
  return { tenant: revision.tenant, functionId: revision.functionId, share: own };
}
