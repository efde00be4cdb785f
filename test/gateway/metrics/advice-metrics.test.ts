import { Registry } from 'prom-client';
import { registerAdviceMetrics } from '../../../gateway/metrics/advice-metrics';
import { sampleAdvice } from '../../drivers/store/advice-contract';
import { createMemoryStore } from '../../fakes/memory-store';

it('counts recommendations by what became of them, and what the open ones would save', async () => {
  const store = createMemoryStore();
  const found = [sampleAdvice({ monthlySaving: 2_500_000_000_000n }), sampleAdvice({ id: 'bbbbbbbbbbbb' })];
  await store.replaceAdvice(found, { at: new Date(), tenant: null, strategies: null });
  await store.stepAdvice('bbbbbbbbbbbb', { state: 'kept' }, ['open']);
  const registry = new Registry();
  registerAdviceMetrics(registry, { store, now: () => 0 });
  const text = await registry.metrics();
  expect(text).toContain('presage_cost_recommendations{strategy="right-size-memory",state="open"} 1');
  expect(text).toContain('presage_cost_recommendations{strategy="right-size-memory",state="kept"} 1');
  expect(text).toContain('presage_cost_recommended_saving_dollars{strategy="right-size-memory"} 2.5');
});
