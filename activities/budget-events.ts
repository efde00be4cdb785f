import type { EventRecord } from '../drivers/store/store';
import { dollarText } from '../core/cost/money-text';
import { alertMessage, type AlertFacts } from './alert-message';

type NewEvent = Omit<EventRecord, 'id'>;

/** That a percent of the limit was reached. */
export function alertEvent(facts: AlertFacts, percent: number): NewEvent {
  const { type, tenant, at, ...data } = alertMessage(facts, percent);
  return { at: new Date(at), tenant, type, function: null, node: null, data };
}

/** Steps that came into force, and those that were taken back; of `refuse`, that nothing new is done, and until when. */
export function stepEvents({ budget, period, spent, decision, at }: AlertFacts): readonly NewEvent[] {
  const { plan, taken, restored, steps, limit, forecast } = decision;
  const event = (type: string, data: Record<string, unknown>): NewEvent => ({
    at: new Date(at),
    tenant: budget.tenant,
    type,
    function: null,
    node: null,
    data: {
      budget: budget.name,
      ...data,
      steps,
      limit: dollarText(limit),
      spent: dollarText(spent),
      forecast: dollarText(forecast),
    },
  });
  const saves = Object.fromEntries(
    plan.filter(({ step }) => taken.includes(step)).map(({ step, toEnd }) => [step, dollarText(toEnd)]),
  );
  return [
    ...(taken.length > 0 ? [event('budget.degraded', { taken, saves })] : []),
    ...(taken.includes('refuse') ? [event('budget.exhausted', { until: new Date(period.end).toISOString() })] : []),
    ...(restored.length > 0 ? [event('budget.restored', { restored })] : []),
  ];
}
