import { RESOLVER_ADDRESS } from '../setup/ensure-base';
import { DOOR, type GatewayListener } from './gateway-door';
import { closedHalf, type Subnet, subnetText } from './subnet';

/** All links of all platforms begin with this. */
export const ANY_LINK = 'pv';

export interface NftSettings {
  readonly table: string;
  /** What the names of this driver's links begin with. */
  readonly linkPrefix: string;
  readonly subnet: Subnet;
  /** The host's own resolver; null when it cannot be reached from outside the host. */
  readonly resolver: string | null;
  /** What stands behind the door; null when instances cannot reach the gateway. */
  readonly gateway: GatewayListener | null;
}

/**
 * The packet filter of one driver, replacing an older one of the same name in a single step. An instance may call
 * out to everything but the host, other instances, and link-local addresses (metadata services); those in the upper
 * half of the subnet may only answer. Of the host it reaches the name server and the gateway, each through an address
 * that is translated here. Refusals are told, so that a function fails at once instead of hanging.
 */
export function nftRules({ table, linkPrefix, subnet, resolver, gateway }: NftSettings): string {
  const ours = `"${linkPrefix}*"`;
  const range = subnetText(subnet);
  const dns = ['udp', 'tcp'].map(
    (protocol) => `    iifname ${ours} ip daddr ${RESOLVER_ADDRESS} ${protocol} dport 53 dnat ip to ${resolver}`,
  );
  const closed = subnetText(closedHalf(subnet));
  const calls = `${ours} ip daddr ${DOOR.address} tcp dport ${DOOR.port}`;
  const door = gateway && {
    translate: `    iifname ${calls} dnat ip to ${gateway.address}:${gateway.port}`,
    // what was sent to the door, and not what anybody else's translation brings to the same port
    admit: `    iifname ${ours} meta l4proto tcp ct status dnat ct original ip daddr ${DOOR.address} tcp dport ${gateway.port} accept`,
  };
  return `table inet ${table} {}
delete table inet ${table}
table inet ${table} {
  chain guard {
    type filter hook prerouting priority raw; policy accept;
    iifname ${ours} meta nfproto ipv6 drop
    iifname ${ours} fib saddr . iif oif missing drop
    iifname ${ours} ip daddr 127.0.0.0/8 drop
    iifname != "${ANY_LINK}*" iifname != "lo" ip saddr ${range} drop
  }
  chain resolve {
    type nat hook prerouting priority dstnat; policy accept;
${[...(resolver === null ? [] : dns), ...(door ? [door.translate] : [])].join('\n')}
  }
  chain local {
    type filter hook input priority filter - 10; policy accept;
    iifname ${ours} ct state established,related accept
    iifname ${ours} ip saddr ${closed} reject with icmpx admin-prohibited
    iifname ${ours} ct status dnat udp dport 53 accept
    iifname ${ours} ct status dnat tcp dport 53 accept
${door ? door.admit : ''}
    iifname ${ours} reject with icmpx admin-prohibited
  }
  chain pass {
    type filter hook forward priority filter - 10; policy accept;
    iifname ${ours} jump outward
    oifname ${ours} ct state established,related accept
    oifname ${ours} iifname "${ANY_LINK}*" reject with icmpx admin-prohibited
    oifname ${ours} drop
  }
  chain outward {
    ct state established,related accept
    ip saddr ${closed} reject with icmpx admin-prohibited
    oifname "${ANY_LINK}*" reject with icmpx admin-prohibited
    ct status dnat accept
    ip daddr { ${range}, 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/3 } reject with icmpx admin-prohibited
    accept
  }
  chain leave {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${range} oifname != "${ANY_LINK}*" masquerade
  }
}
`;
}
