/** How ledger lines may be summed. */
export const LEDGER_STEPS = ['minute', 'hour', 'day', 'month'] as const;
export type LedgerStep = (typeof LEDGER_STEPS)[number];

const MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** Where a step ends that begins at a time of UTC. */
export function endOfStep(begin: Date, step: LedgerStep): Date {
  if (step !== 'month') return new Date(begin.getTime() + MS[step]);
  return new Date(Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + 1));
}
