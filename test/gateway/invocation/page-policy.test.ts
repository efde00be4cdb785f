import { pagePolicy } from '../../../gateway/invocation/page-policy';
import { startHarness } from '../gateway-harness';

const host = 'gateway.example.com';
const pageHosts = new Set(['checkout.example.com']);
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

test.each([
  ['a page', { host, accept: BROWSER }],
  ['a page, by a browser that says only where it goes', { host, accept: '*/*', 'sec-fetch-dest': 'embed' }],
  ['a page of a proxy without a host', { accept: BROWSER }],
])('%s is without the origin of the console', (_, headers) => {
  const words = pagePolicy(headers, pageHosts)?.split(' ');
  expect(words).toEqual(expect.arrayContaining(['sandbox', 'allow-scripts']));
  expect(words).not.toContain('allow-same-origin');
});

test.each([
  ['a program', { host, accept: '*/*' }],
  ['a program that says nothing', { host }],
  ['a script of a page', { host, accept: '*/*', 'sec-fetch-dest': 'empty' }],
  ['the host that a proxy leads to a function', { host: 'Checkout.example.com:443', accept: BROWSER }],
  ['the function’s own host', { host: 'Shop.acme.fn.localhost:8080', accept: BROWSER }],
])('%s gets what the function sent and no more', (_, headers) => {
  expect(pagePolicy(headers, pageHosts)).toBeUndefined();
});

test('the function’s own policy holds beside it', async () => {
  const harness = await startHarness();
  try {
    harness.agent.handler = (_, response) =>
      response.writeHead(200, { 'content-security-policy': "img-src 'none'" }).end('<p>');
    const page = await harness.call('/fn/acme/f', { headers: { accept: BROWSER } });
    expect(page.headers['content-security-policy']).toMatch(/^img-src 'none', sandbox /);
    const asked = await harness.call('/fn/acme/f');
    expect(asked.headers['content-security-policy']).toBe("img-src 'none'");
  } finally {
    await harness.close();
  }
});
