import { budgetChecks } from './budget-checks';
import { doorChecks } from './door-checks';
import type { Finding } from './finding';
import type { Installation } from './installation';
import { nodeChecks } from './node-checks';
import { storeChecks } from './store-checks';

/** Whether an installation is fit for production: every check, whatever it finds. */
export function examine(installation: Installation): readonly Finding[] {
  return [
    ...doorChecks(installation),
    ...storeChecks(installation),
    ...nodeChecks(installation),
    ...budgetChecks(installation),
  ];
}
