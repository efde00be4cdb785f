import { readFileSync } from 'node:fs';
import { runHelm } from '../../../bench/kubernetes/chart';
import { ensureHelm } from '../../../bench/kubernetes/ensure-helm';
import { assetPath } from '../../../drivers/asset-path';
import type { KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import { clusterType, namespacedType, type KubernetesObject } from '../../../drivers/kubernetes/resource-type';
import { NAMESPACES, PODS, SECRETS, SERVICES } from '../../../drivers/kubernetes/resources';
import { waitFor } from '../../drivers/sandbox/wait-for';
import type { SharedKubernetes } from '../support/shared-kubernetes';

const VOLUMES = clusterType('v1', 'PersistentVolume', 'persistentvolumes');
const CLAIMS = namespacedType<KubernetesObject & { status?: { phase?: string } }>(
  'v1',
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
);
const MINUTES = 60_000;

/** The commands under "On Kubernetes" in the README, word by word, without what comes after a `#`. */
function commands(): string[][] {
  const [, block = ''] = /^## On Kubernetes$.*?^```sh$\n(.*?)^```$/ms.exec(readFileSync(assetPath('README.md'), 'utf8')) ?? []; // prettier-ignore
  return block
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').split(/\s+/));
}

/**
 * The README's way from an empty cluster, as far as a cluster can go whose containers do not run: what comes after it is tried on
 * Function objects. Comes before all that makes namespaces of the chart's names by itself.
 */
export function describeHelmInstall(shared: () => SharedKubernetes): void {
  describe('helm install, as the README has it', () => {
    let helm: string;
    let api: KubernetesApi;
    let kubeconfig: string;

    beforeAll(async () => {
      helm = await ensureHelm((line) => void process.stderr.write(`${line}\n`));
      ({ api } = shared());
      kubeconfig = shared().local.kubeconfig();
      // As kind's own provisioner gives them.
      const spec = { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/nowhere' } };
      for (const name of ['one', 'two'])
        await api.create(VOLUMES, { metadata: { name }, spec: { ...spec, storageClassName: '' } } as KubernetesObject);
    }, 20 * MINUTES);

    it(
      'brings up everything, and what the commands after it ask for is there',
      async () => {
        const lines = commands();
        expect(lines).toHaveLength(10);
        const line = lines.find(([program]) => program === 'helm') ?? [];
        const asked = line.slice(1).map((word) => (word.startsWith('deploy/') ? assetPath(word) : word));
        const { status, stdout, stderr } = await runHelm(helm, asked, { KUBECONFIG: kubeconfig });
        expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
        expect(stdout).toContain('STATUS: deployed');
        const namespace = line[line.indexOf('-n') + 1] ?? '';

        const all = (await api.list(PODS, { namespace })).items;
        const parts = all.map(({ metadata }) => metadata?.labels?.['app.kubernetes.io/component']);
        expect([...new Set(parts)].sort()).toEqual(['agent', 'control', 'gateway', 'migrate', 'pod-agents', 'trial']);
        expect(all.filter(({ status: now }) => now?.phase !== 'Running').map(({ metadata }) => metadata?.name)).toEqual(
          [],
        );
        const claims = (await api.list(CLAIMS, { namespace })).items;
        expect(claims.map((claim) => claim.status?.phase)).toEqual(['Bound', 'Bound']);

        const forwarded =
          lines
            .flat()
            .find((word) => word.startsWith('service/'))
            ?.replace('service/', '') ?? '';
        const ports = (await api.get(SERVICES, { namespace, name: forwarded })).spec?.ports?.map(({ port }) => port);
        expect(ports).toContain(
          Number(
            lines
              .flat()
              .find((word) => /^\d+:\d+$/.test(word))
              ?.split(':')[1],
          ),
        );
        const key = (await api.get(SECRETS, { namespace, name: 'presage-api-key' })).data?.['apiKey'] ?? '';
        expect(lines.flat().join(' ')).toContain("secret presage-api-key -o jsonpath='{.data.apiKey}'");
        expect(Buffer.from(key, 'base64').toString()).toMatch(/^psk_[A-Za-z0-9]{43}$/);
      },
      10 * MINUTES,
    );

    it(
      'goes again, and leaves what it says that it leaves',
      async () => {
        const asked = ['uninstall', 'presage', '-n', 'presage', '--wait', '--timeout', '2m'];
        const { status, stderr } = await runHelm(helm, asked, { KUBECONFIG: kubeconfig });
        expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
        await waitFor('the pods to go', async () => (await api.list(PODS, { namespace: 'presage' })).items.length === 0, MINUTES); // prettier-ignore
        expect(
          (await api.find(NAMESPACES, { name: 'presage-functions' }))?.metadata?.deletionTimestamp,
        ).toBeUndefined();
        const names = (await api.list(SECRETS, { namespace: 'presage' })).items.map(({ metadata }) => metadata?.name);
        expect(names.sort()).toEqual(
          ['agent-tls', 'api-key', 'master-key', 'postgres'].map((part) => `presage-${part}`),
        );
      },
      5 * MINUTES,
    );
  });
}
