import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';

/** Who may speak with the API server, by a static token. `system:masters` may do everything. */
const USERS = {
  admin: ['admin', 'system:masters'],
  controllers: ['system:kube-controller-manager', ''],
  scheduler: ['system:kube-scheduler', ''],
  kubelet: ['fake-kubelet', 'system:masters'],
  /** For a real kubelet whose node is called `real-0`. */
  node: ['system:node:real-0', 'system:nodes'],
} as const;
export type ClusterUser = keyof typeof USERS;

/** Writes keys, tokens and a kubeconfig for each user into the folder. @param url of the API server */
export function writeClusterFiles(folder: string, url: string): void {
  const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  mkdirSync(path.join(folder, 'pki'), { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  write('sa.key', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  write('sa.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const users = Object.entries(USERS).map(([user, [name, group]], index) => {
    return { user, name, group, uid: index + 1, token: randomBytes(16).toString('hex') };
  });
  write('tokens.csv', users.map(({ token, name, uid, group }) => `${token},${name},${uid},"${group}"\n`).join(''));
  for (const { user, token } of users) write(`${user}.kubeconfig`, kubeconfig(folder, url, token));
  write(
    'scheduler.yaml',
    stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      clientConnection: { kubeconfig: path.join(folder, 'scheduler.kubeconfig'), qps: 500, burst: 1000 },
      leaderElection: { leaderElect: false },
    }),
  );
}

/** A kubeconfig for whoever has the token. */
export function kubeconfig(folder: string, url: string, token: string, namespace = 'default'): string {
  const name = 'presage-local';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    clusters: [{ name, cluster: { server: url, 'certificate-authority': path.join(folder, 'pki', 'apiserver.crt') } }],
    users: [{ name, user: { token } }],
  });
}
