/** Labels of a pod and where it is: what policies select by. */
export interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Numbers of its named ports. */
  readonly ports?: Readonly<Record<string, number>>;
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}
interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface Rule {
  readonly ports?: readonly { readonly protocol: string; readonly port: number | string }[];
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
}
export interface NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly ('Ingress' | 'Egress')[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/** Somewhere outside the cluster, or what answers there without being a pod. */
export interface Outside {
  readonly address: string;
}

/** Whether policies let a connection by TCP through: by the rules of Kubernetes, policies add up, and who has none is open. */
export function mayConnect(
  policies: readonly NetworkPolicy[],
  from: Pod | Outside,
  to: Pod | Outside,
  port: number,
): boolean {
  const leaves = 'address' in from || passes(policies, 'Egress', from, to, port, 'address' in to ? undefined : to);
  const enters = 'address' in to || passes(policies, 'Ingress', to, from, port, to);
  return leaves && enters;
}

/** Does the policy hold for the pod? */
export function holdsFor(policy: NetworkPolicy, pod: Pod): boolean {
  return policy.metadata.namespace === pod.namespace && selects(policy.spec.podSelector, pod.labels);
}

function passes(
  policies: readonly NetworkPolicy[],
  type: 'Ingress' | 'Egress',
  pod: Pod,
  other: Pod | Outside,
  port: number,
  listener: Pod | undefined,
): boolean {
  const own = policies.filter((policy) => policy.spec.policyTypes.includes(type) && holdsFor(policy, pod));
  if (own.length === 0) return true;
  return own.some(({ metadata, spec }) =>
    (type === 'Ingress' ? (spec.ingress ?? []) : (spec.egress ?? [])).some((rule) => {
      const peers = type === 'Ingress' ? rule.from : rule.to;
      const ports = rule.ports?.filter(({ protocol }) => protocol === 'TCP');
      const portIn = !ports || ports.some((each) => numberOf(each.port, listener) === port);
      return portIn && (!peers || peers.some((peer) => isPeer(peer, other, metadata.namespace)));
    }),
  );
}

function numberOf(port: number | string, listener: Pod | undefined): number | undefined {
  return typeof port === 'number' ? port : listener?.ports?.[port];
}

function isPeer(peer: Peer, other: Pod | Outside, policyNamespace: string): boolean {
  if ('address' in other) {
    const { ipBlock } = peer;
    return (
      !!ipBlock && within(other.address, ipBlock.cidr) && !ipBlock.except?.some((net) => within(other.address, net))
    );
  }
  if (peer.ipBlock) return false;
  const namespaceIn = peer.namespaceSelector
    ? selects(peer.namespaceSelector, { 'kubernetes.io/metadata.name': other.namespace })
    : other.namespace === policyNamespace;
  return namespaceIn && (!peer.podSelector || selects(peer.podSelector, other.labels));
}

function selects({ matchLabels = {} }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
}

function within(address: string, net: string): boolean {
  const [base = '', bits = '32'] = net.split('/');
  const mask = Number(bits) === 0 ? 0 : (~0 << (32 - Number(bits))) >>> 0;
  return (numeric(address) & mask) >>> 0 === (numeric(base) & mask) >>> 0;
}

function numeric(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}
