import { retrainWorkflowId } from '../../../core/control/retrain-workflow-id';

test('the same functions have one id, whatever their order, and others another', () => {
  expect(retrainWorkflowId('acme', undefined)).toBe('retrain/acme');
  expect(retrainWorkflowId('acme', ['pay', 'pay'])).toBe('retrain/acme/pay');
  const two = retrainWorkflowId('acme', ['ship', 'pay']);
  expect(two).toMatch(/^retrain\/acme\/pay\+1-[0-9a-f]{8}$/);
  expect(retrainWorkflowId('acme', ['pay', 'ship'])).toBe(two);
  expect(retrainWorkflowId('acme', ['pay', 'shop'])).not.toBe(two);
});
