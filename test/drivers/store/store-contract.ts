import type { Store } from '../../../drivers/store/store';
import { describeBudgets } from './budget-contract';
import { describeAdvice } from './advice-contract';
import { describeCosts } from './cost-contract';
import { describeDeclared } from './declared-contract';
import { describeAuthority } from './authority-contract';
import { describeDeclaredPolicies } from './declared-policy-contract';
import { describeForecasts } from './forecast-contract';
import { describeHeld } from './held-contract';
import { describeHistory } from './history-contract';
import { describeIdentity } from './identity-contract';
import { describeNodes } from './node-contract';
import { describeNotices } from './notice-contract';
import { describePlacements } from './placement-contract';
import { describePolicies } from './policy-contract';
import { describePlacementDecisions } from './placement-decision-contract';
import { describeRecords } from './record-contract';
import { describeOverview } from './overview-contract';
import { describeTrafficMap } from './traffic-map-contract';
import { describeWarming } from './warming-contract';

/**
 * What every store promises. `make` is called once and gives a migrated store, which is closed at the end; tests share it
 * and keep apart by tenants of their own.
 */
export function describeStoreContract(name: string, make: () => Promise<Store>): void {
  describe(`${name} keeps the store's contract`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await make();
    });
    afterAll(async () => {
      await store.close();
    });
    describeDeclared(() => store);
    describeIdentity(() => store);
    describeRecords(() => store);
    describeTrafficMap(() => store);
    describeOverview(() => store);
    describeCosts(() => store);
    describePlacementDecisions(() => store);
    describeAdvice(() => store);
    describeHistory(() => store);
    describeHeld(() => store);
    describeNotices(() => store);
    describeForecasts(() => store);
    describePlacements(() => store);
    describePolicies(() => store);
    describeAuthority(() => store);
    describeDeclaredPolicies(() => store);
    describeBudgets(() => store);
    describeNodes(() => store);
    describeWarming(() => store);
  });
}
