import path from 'node:path';

/** Ports on loopback. */
export interface ServerPorts {
  readonly api: number;
  readonly etcd: number;
  readonly etcdPeers: number;
  readonly controllers: number;
  readonly scheduler: number;
}

/** Started in this order, stopped in the other: the API server must not outlive etcd, nor they it. */
export const SERVERS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'fake-kubelet'] as const;
export type Server = (typeof SERVERS)[number];

/** How long a node may be silent until it counts as not ready; its lease is renewed every two seconds. */
const NODE_GRACE = '8s';

/** @param folder where the files lie that `writeClusterFiles` writes */
export function serverFlags(server: Server, folder: string, ports: ServerPorts): readonly string[] {
  const file = (name: string): string => path.join(folder, name);
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const known = (user: string): readonly string[] =>
    ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
      (flag) => `--${flag}=${file(`${user}.kubeconfig`)}`,
    );
  switch (server) {
    case 'etcd':
      return [
        `--name=presage`,
        `--data-dir=${file('etcd')}`,
        // What a crash of the machine would cost here is a test run.
        `--unsafe-no-fsync`,
        `--listen-client-urls=${url(ports.etcd)}`,
        `--advertise-client-urls=${url(ports.etcd)}`,
        `--listen-peer-urls=${url(ports.etcdPeers)}`,
        `--initial-advertise-peer-urls=${url(ports.etcdPeers)}`,
        `--initial-cluster=presage=${url(ports.etcdPeers)}`,
        `--log-level=warn`,
      ];
    case 'kube-apiserver':
      return [
        `--etcd-servers=${url(ports.etcd)}`,
        `--bind-address=127.0.0.1`,
        `--advertise-address=127.0.0.1`,
        `--secure-port=${ports.api}`,
        // It makes its own certificate there, which is its authority as well.
        `--cert-dir=${file('pki')}`,
        `--service-cluster-ip-range=10.96.0.0/16`,
        `--service-account-issuer=https://kubernetes.default.svc`,
        `--service-account-key-file=${file('sa.pub')}`,
        `--service-account-signing-key-file=${file('sa.key')}`,
        `--token-auth-file=${file('tokens.csv')}`,
        `--authorization-mode=Node,RBAC`,
        `--allow-privileged=true`,
        // A loopback address as an endpoint of the service `kubernetes` is refused.
        `--endpoint-reconciler-type=none`,
        `--kubelet-preferred-address-types=InternalIP`,
        `--profiling=false`,
      ];
    case 'kube-controller-manager':
      return [
        ...known('controllers'),
        `--bind-address=127.0.0.1`,
        `--secure-port=${ports.controllers}`,
        `--cert-dir=${file('pki')}`,
        `--service-account-private-key-file=${file('sa.key')}`,
        `--root-ca-file=${file('pki/apiserver.crt')}`,
        `--use-service-account-credentials`,
        `--leader-elect=false`,
        `--node-monitor-period=1s`,
        `--node-monitor-grace-period=${NODE_GRACE}`,
        `--kube-api-qps=400`,
        `--kube-api-burst=800`,
        `--profiling=false`,
      ];
    case 'kube-scheduler':
      return [
        `--config=${file('scheduler.yaml')}`,
        ...known('scheduler').slice(1),
        `--bind-address=127.0.0.1`,
        `--secure-port=${ports.scheduler}`,
        `--cert-dir=${file('pki')}`,
      ];
    case 'fake-kubelet':
      return [`--kubeconfig=${file('kubelet.kubeconfig')}`];
  }
}
