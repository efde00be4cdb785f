import { readdirSync, readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { parse } from 'yaml';
import { assetPath } from '../../../drivers/asset-path';
import type { LocalKubernetes } from '../../../bench/kubernetes/local-kubernetes';
import type { KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import { clusterType, type KubernetesObject } from '../../../drivers/kubernetes/resource-type';
import { until } from '../../e2e/support/test-platform';

const DEFINITIONS = clusterType<KubernetesObject & { status?: { conditions?: { type: string; status: string }[] } }>(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
);

/** Applies `deploy/chart/crds`, and resolves when objects of all kinds can be made. */
export async function applyDefinitions(api: KubernetesApi): Promise<void> {
  const folder = assetPath('deploy/chart/crds');
  for (const file of readdirSync(folder)) {
    const definition = parse(readFileSync(path.join(folder, file), 'utf8')) as KubernetesObject;
    await api.apply(DEFINITIONS, definition);
    const name = definition.metadata?.name ?? '';
    await until(`${name} is served`, async () => {
      const { status } = await api.get(DEFINITIONS, { name });
      return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True');
    });
    // "Established" comes some two seconds before the first object can be made.
    const [plural, group] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)];
    const { versions } = (definition as unknown as { spec: { versions: [{ name: string }] } }).spec;
    const type = { apiVersion: `${group}/${versions[0].name}`, kind: '', plural, namespaced: true };
    await until(`${name} can be listed`, () =>
      api.list(type).then(
        () => true,
        () => false,
      ),
    );
  }
}

/** Calls about objects of a kind that the API server has counted since it was started, by verb; watches and lists are left out. */
export async function countedCalls(local: LocalKubernetes, resource: string): Promise<number> {
  const config = parse(readFileSync(local.kubeconfig(), 'utf8')) as {
    users: [{ user: { token: string } }];
    clusters: [{ cluster: { 'certificate-authority': string } }];
  };
  const text = await new Promise<string>((resolve, reject) => {
    const options = {
      ca: readFileSync(config.clusters[0].cluster['certificate-authority']),
      headers: { authorization: `Bearer ${config.users[0].user.token}` },
    };
    https
      .get(`${local.url}/metrics`, options, (response) => {
        response.setEncoding('utf8');
        void response.toArray().then((chunks) => resolve(chunks.join('')), reject);
      })
      .once('error', reject);
  });
  return [...text.matchAll(/^apiserver_request_total\{(.*)\} (\d+)$/gm)]
    .filter(([, labels = '']) => labels.includes(`resource="${resource}"`) && !/verb="(WATCH|LIST)"/.test(labels))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}
