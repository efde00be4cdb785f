import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Pod as PodObject } from 'kubernetes-types/core/v1';
import type { Informer, KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import { assetPath } from '../../../drivers/asset-path';
import { namespacedType, type KubernetesObject } from '../../../drivers/kubernetes/resource-type';
import { PODS } from '../../../drivers/kubernetes/resources';
import { mayConnect, type NetworkPolicy, type Outside, type Pod } from '../../deploy/network-access';
import { objectsOf } from '../support/apply-manifest';

const TABLE = 'inet presage_test_policies';
/** Takes it away, whether it is there or not. */
const EMPTY = `table ${TABLE} {}\ndelete table ${TABLE}`;
const POLICIES = namespacedType<NetworkPolicy & KubernetesObject>(
  'networking.k8s.io/v1',
  'NetworkPolicy',
  'networkpolicies',
);

/** What a pod may want to reach: where it is on this machine, and what the policies know it as. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly as: { readonly peer: Pod | Outside; readonly port: number };
}

/** Applies the chart's policies of function pods to a namespace. */
export async function applyFunctionPolicies(api: KubernetesApi, namespace: string): Promise<void> {
  const all = objectsOf(readFileSync(assetPath('deploy/manifests/10-networkpolicies.yaml'), 'utf8'));
  for (const policy of all.filter(({ metadata }) => metadata?.namespace === 'presage-functions'))
    await api.apply(POLICIES, { ...policy, metadata: { ...policy.metadata, namespace } } as typeof policy & NetworkPolicy); // prettier-ignore
}

/**
 * In place of a network plugin: keeps the pods of a namespace to its policies, by nftables of this machine. Which connections those
 * allow is worked out anew whenever a pod gets its address; what is not among the targets is refused.
 */
export class PolicyFilter {
  private constructor(private readonly pods: Informer<PodObject>) {}

  /** @param subnet of all pods on this machine */
  static async open(
    api: KubernetesApi,
    namespace: string,
    subnet: string,
    targets: readonly Target[],
  ): Promise<PolicyFilter> {
    const policies = (await api.list(POLICIES, { namespace })).items;
    const addresses = new Map<string, Pod>();
    const write = (): void => nft(rules(subnet, policies, addresses, targets));
    write();
    const pods = api.watch(PODS, {
      namespace,
      onChange: ({ object: { metadata, status } }) => {
        if (!status?.podIP || addresses.has(status.podIP)) return;
        addresses.set(status.podIP, { namespace, labels: metadata?.labels ?? {} });
        write();
      },
    });
    await pods.synced;
    return new PolicyFilter(pods);
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await this.pods.stop();
    nft(EMPTY);
  }
}

function rules(
  subnet: string,
  policies: readonly NetworkPolicy[],
  pods: ReadonlyMap<string, Pod>,
  targets: readonly Target[],
): string {
  const allowed = [...pods].flatMap(([from, pod]) =>
    targets
      .filter(({ as }) => mayConnect(policies, pod, as.peer, as.port))
      .map(({ address, port }) => `ip saddr ${from} ip daddr ${address} tcp dport ${port} accept`),
  );
  const chain = ['ct state established,related accept', ...allowed, `ip saddr ${subnet} drop`].join('\n');
  const hook = (name: string): string =>
    `chain ${name} { type filter hook ${name} priority -10; policy accept; jump pods; }`;
  return `${EMPTY}
table ${TABLE} {
  chain pods {
${chain}
  }
  ${hook('input')}
  ${hook('forward')}
}`;
}

function nft(script: string): void {
  execFileSync('nft', ['-f', '-'], { input: script });
}
