import type { BudgetView } from '../../lib/answers';
import { money } from '../../lib/format';
import type { Tone } from '../../ui/badge';
import type { standing } from './budget-model';

export const STANDING: Readonly<Record<ReturnType<typeof standing>, { tone: Tone; word: string }>> = {
  well: { tone: 'good', word: 'well' },
  tight: { tone: 'warn', word: 'tight' },
  over: { tone: 'bad', word: 'spent' },
};

/** What is spent of the limit, in words with a bar. */
export function SpendMeter({
  budget: { name, spent, percent, spec },
}: {
  budget: Pick<BudgetView, 'name' | 'spent' | 'percent' | 'spec'>;
}) {
  return (
    <>
      <meter aria-label={`Spent of ${name}`} min={0} max={100} high={90} value={Math.min(100, percent)} />{' '}
      {money(spent)} of {money(spec.limit)} ({percent} %)
    </>
  );
}
