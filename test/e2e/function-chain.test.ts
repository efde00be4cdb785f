import { assetPath } from '../../drivers/asset-path';
import { jsonOf } from '../../bench/harness/http-probe';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

const CHAIN = ['payment', 'tax', 'inventory', 'cart'] as const;
const ORDER = JSON.stringify({
  country: 'DE',
  card: '4242424242424242',
  items: [
    { sku: 'bread', quantity: 2 },
    { sku: 'lamp', quantity: 1 },
  ],
});

interface Call {
  readonly function: string;
  readonly status: number;
}

describe.each(['auto', 'process'])('functions that call each other through the gateway, sandbox %s', (sandbox) => {
  let platform: TestPlatform;

  beforeAll(async () => {
    platform = await openTestPlatform({ PRESAGE__AGENT__SANDBOX: sandbox });
    for (const name of CHAIN) {
      const { code, stderr } = await platform.cli('deploy', assetPath(`examples/chain/${name}`));
      expect({ code, stderr }).toMatchObject({ code: 0 });
    }
  });
  afterAll(() => platform.stop());

  test('the first of the chain answers, having called the other three', async () => {
    for (let round = 0; round < 3; round++) {
      const answer = await platform.invoke('cart', '/', { method: 'POST', body: ORDER });
      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        200,
        // 2 × 3.89 + 7 % and 49.99 + 19 %
        expect.objectContaining({ paidCents: 778 + 54 + 4999 + 950, currency: 'EUR' }),
      ]);
    }
    const served = await until('a record of each call', async () => {
      const { items } = jsonOf<{ items: Call[] }>(await platform.probe.send('/v1/invocations?limit=200'));
      const calls = items.filter(({ function: name }) => (CHAIN as readonly string[]).includes(name));
      return calls.length >= 3 * CHAIN.length && calls;
    });
    for (const name of CHAIN) expect(served.filter((call) => call.function === name)).toHaveLength(3);
    expect(served.every(({ status }) => status === 200)).toBe(true);
  });

  test('what a function calls is asked for its key like everybody', async () => {
    const source = `exports.handler = async () => {
      const url = process.env.PRESAGE_GATEWAY_URL + '/fn/' + process.env.PRESAGE_TENANT + '/cart/';
      return { status: (await fetch(url)).status };
    };`;
    await platform.deploy('keyless', { network: 'egress', checkpoint: { when: 'never' } }, { 'index.js': source });
    expect(JSON.parse((await platform.invoke('keyless')).body)).toEqual({ status: 401 });
  });
});
