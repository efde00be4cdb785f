import { checkNamed, type Finding } from './finding';
import type { Installation } from './installation';

/** Whether money is watched, and whether those who watch it are told. */
export function budgetChecks({ budgets, functions }: Installation): readonly Finding[] {
  const set = checkNamed('budgets', 'Budgets');
  const told = checkNamed('webhooks', 'Webhooks of budgets');
  const unreached = budgets.filter(({ unreached: why }) => typeof why === 'string');
  const silent = budgets.filter(({ unreached: why, alerts }) => why === undefined || alerts === 0);
  const named = (list: typeof budgets): string => list.map(({ tenant, name }) => `${tenant}/${name}`).join(', ');
  return [
    budgets.length > 0 || functions === 0
      ? set.ok(functions === 0 ? 'there are no functions yet' : `${budgets.length} are set`)
      : set.warn(
          `none for ${functions} functions`,
          'A loop that calls itself spends until somebody looks.',
          'presage budget set all --limit 250.00 (docs/how-to/budgets.md).',
        ),
    unreached.length > 0
      ? told.fail(
          unreached.map(({ tenant, name, unreached: why }) => `${tenant}/${name}: ${why}`).join('; '),
          'Alerts of these budgets reach nobody.',
          'Mend the address, or let the gateway out to it.',
        )
      : silent.length > 0
        ? told.warn(
            `${named(silent)} tell nobody`,
            'Alerts stay in the events, where nobody may look.',
            'Give them alertAt and a webhook (docs/budgets.md).',
          )
        : told.ok(budgets.length === 0 ? 'there is none to try' : 'all take connections'),
  ];
}
