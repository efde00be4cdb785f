import { nftRules } from '../../../../../drivers/sandbox/runc/network/nft-rules';
import { parseSubnet } from '../../../../../drivers/sandbox/runc/network/subnet';

const settings = {
  table: 'presage_a',
  linkPrefix: 'pva-',
  subnet: parseSubnet('10.203.0.0/16'),
  resolver: '192.0.2.53',
  gateway: { address: '127.0.0.1', port: 8080 },
};
/** The lines of one chain. */
function chain(name: string, text = nftRules(settings)): string[] {
  const [, body = ''] = new RegExp(`chain ${name} \\{\\n([^]*?)\\n  \\}`).exec(text) ?? [];
  return body.split('\n').map((line) => line.trim());
}

describe('nftRules', () => {
  test('replaces its own table and no other', () => {
    expect(nftRules(settings)).toMatch(
      /^table inet presage_a \{\}\ndelete table inet presage_a\ntable inet presage_a \{/,
    );
  });

  test('an instance reaches nothing of the host but answers, names and the gateway', () => {
    expect(chain('local').slice(1)).toEqual([
      'iifname "pva-*" ct state established,related accept',
      'iifname "pva-*" ip saddr 10.203.128.0/17 reject with icmpx admin-prohibited',
      'iifname "pva-*" ct status dnat udp dport 53 accept',
      'iifname "pva-*" ct status dnat tcp dport 53 accept',
      'iifname "pva-*" meta l4proto tcp ct status dnat ct original ip daddr 169.254.203.80 tcp dport 8080 accept',
      'iifname "pva-*" reject with icmpx admin-prohibited',
    ]);
  });

  test('refusals come before the final permission, in this order', () => {
    const outward = chain('outward');
    const at = (part: string): number => outward.findIndex((line) => line.includes(part));
    expect(outward[outward.length - 1]).toBe('accept');
    expect(at('ip saddr 10.203.128.0/17 reject')).toBeLessThan(at('ct status dnat accept'));
    expect(at('oifname "pv*" reject')).toBeLessThan(at('ct status dnat accept'));
    for (const range of ['10.203.0.0/16', '127.0.0.0/8', '169.254.0.0/16']) expect(at(range)).toBeGreaterThan(0);
  });

  test('senders cannot claim other addresses, IPv6 is shut', () => {
    expect(chain('guard')).toEqual(
      expect.arrayContaining([
        'iifname "pva-*" fib saddr . iif oif missing drop',
        'iifname "pva-*" meta nfproto ipv6 drop',
        'iifname "pva-*" ip daddr 127.0.0.0/8 drop',
      ]),
    );
  });

  test('names go to the host’s resolver, when there is one', () => {
    expect(chain('resolve').join('\n')).toContain('ip daddr 169.254.203.53 udp dport 53 dnat ip to 192.0.2.53');
    expect(chain('resolve', nftRules({ ...settings, resolver: null, gateway: null })).join('\n')).not.toContain('dnat');
  });

  test('the door leads to the gateway and nowhere when there is none', () => {
    expect(chain('resolve')).toContain(
      'iifname "pva-*" ip daddr 169.254.203.80 tcp dport 80 dnat ip to 127.0.0.1:8080',
    );
    expect(nftRules({ ...settings, gateway: null })).not.toContain('169.254.203.80');
  });
});
