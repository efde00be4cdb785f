import { platformEnvironment } from '../../../drivers/sandbox/platform-environment';
import { testRunSpec } from './run-spec';

const url = 'http://gateway.test';

test('a function is told who it is, and where the gateway is when it may call out', () => {
  const run = testRunSpec('nodejs', { network: 'egress', tenant: 'acme', function: 'cart', revision: 3 });
  expect(platformEnvironment('i1', run, url)).toEqual({
    PRESAGE_INSTANCE: 'i1',
    PRESAGE_RUNTIME: 'nodejs',
    PRESAGE_TENANT: 'acme',
    PRESAGE_FUNCTION: 'cart',
    PRESAGE_REVISION: '3',
    PRESAGE_HANDLER: 'index.handler',
    PRESAGE_GATEWAY_URL: url,
  });
});

test.each([
  ['it may not call out', 'none', url],
  ['there is no gateway for it', 'egress', null],
] as const)('no gateway when %s', (_why, network, gatewayUrl) => {
  const names = Object.keys(platformEnvironment('i1', testRunSpec('http', { network }), gatewayUrl));
  expect(names).not.toContain('PRESAGE_GATEWAY_URL');
  expect(names).not.toContain('PRESAGE_HANDLER');
});
