import type { Store } from '../../../drivers/store/store';
import { describeDeclared } from './declared-contract';
import { describeForecasts } from './forecast-contract';
import { describeHistory } from './history-contract';
import { describeIdentity } from './identity-contract';
import { describeNotices } from './notice-contract';
import { describePolicies } from './policy-contract';
import { describeRecords } from './record-contract';
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
    describeHistory(() => store);
    describeNotices(() => store);
    describeForecasts(() => store);
    describePolicies(() => store);
    describeWarming(() => store);
  });
}
