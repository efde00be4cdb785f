import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dashboardFiles } from '../../../bench/dashboards/all-dashboards';
import { CHART, lintChart, renderObjects, type ChartWish, type RenderedObject } from '../../../bench/kubernetes/chart';
import { ensureHelm } from '../../../bench/kubernetes/ensure-helm';
import { plainManifests } from '../../../bench/kubernetes/plain-manifests';
import type { KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import { NAMESPACES } from '../../../drivers/kubernetes/resources';
import { loadConfig, type Config } from '../../../workers/config';
import { mayConnect, type NetworkPolicy, type Outside, type Pod } from '../../deploy/network-access';
import { rulesOf, type Rule } from '../../deploy/rule-files';
import { example, KINDS, named, typeOf } from './chart-objects';
import type { SharedKubernetes } from '../support/shared-kubernetes';

/** What has no default: four secrets and an address. */
const NEEDED = [
  'postgres.existingSecret=pg',
  'temporal.address=temporal:7233',
  'masterKey.existingSecret=mk',
  'apiKey.existingSecret=key',
  'agent.tls.existingSecret=tls',
];
const WISHES: readonly (readonly [string, ChartWish])[] = [
  ['defaults', { set: NEEDED }],
  ...['eks', 'gke', 'kind', 'plain'].map((name) => [name, { files: [example(name)] }] as const),
  [
    'agents in a namespace of their own',
    {
      files: [example('plain')],
      set: ['agent.namespace=presage-agents', 'agent.createNamespace=true', 'agent.storage.existingClaim=blobs'],
    },
  ],
  [
    'everything',
    {
      files: [example('plain')],
      set: [
        ...['gateway.ingress.enabled=true', 'gateway.ingress.hosts={fn.example.com}', 'gateway.ingress.tlsSecret=web'],
        ...['gateway.tls.existingSecret=web', 'redis.enabled=true', 'redis.existingSecret=redis', 'redis.cluster=true'],
        ...['redis.caSecret=ca', 'temporal.versioning.enabled=true', 'control.watchNamespaces={team-a,team-b}'],
        ...[
          'networkPolicy.gatewayFrom[0].ipBlock.cidr=10.0.0.0/8',
          'functions.quota.pods=500',
          'commonLabels.team=core',
        ],
        ...[
          'monitoring.dashboards.enabled=true',
          'networkPolicy.metricsFrom[0].podSelector.matchLabels.app=prometheus',
        ],
        'config.tracing.endpoint=http://collector:4318',
        ...[
          'config.kubernetes.pods.checkpoints.registry=registry.example.com/presage',
          'networkPolicy.registry.port=5000',
        ],
        'networkPolicy.joinedNodes.to[0].ipBlock.cidr=192.0.2.0/24',
        ...['masterKey.previous.existingSecret=old', 'postgres.caSecret=ca', 'config.network.latency.eu.us=80'],
      ],
    },
  ],
];

/** What the processes make of the ConfigMap. @throws PlatformError invalid_argument with all problems at once */
function settingsOf(objects: readonly RenderedObject[]): Config {
  const map = objects.find(({ kind }) => kind === 'ConfigMap') as { data?: Record<string, string> } | undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-chart-'));
  const file = path.join(folder, 'presage.yaml');
  writeFileSync(file, map?.data?.['presage.yaml'] ?? '');
  try {
    // Its URL comes from a secret.
    return loadConfig({ PRESAGE_CONFIG: file, PRESAGE__REDIS__URL: 'rediss://user:word@redis:6379' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the chart renders: nothing that helm or the API server refuses. */
export function describeChart(shared: () => SharedKubernetes): void {
  describe('the chart', () => {
    let helm: string;
    let api: KubernetesApi;

    beforeAll(async () => {
      const progress = (line: string): void => void process.stderr.write(`${line}\n`);
      helm = await ensureHelm(progress);
      ({ api } = shared());
    }, 1_200_000);

    async function namespace(name: string, labels: Record<string, string> = {}): Promise<void> {
      await api.apply(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    }

    test.each(WISHES)('with %s: helm lint finds nothing, and the API server takes every object', async (_, wish) => {
      const { status, stdout, stderr } = await lintChart(helm, wish);
      expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
      const objects = await renderObjects(helm, wish);
      for (const name of ['presage', 'presage-functions', 'presage-agents', 'team-a', 'team-b']) await namespace(name);
      const others = objects.filter(({ apiVersion }) => !apiVersion.startsWith('cert-manager.io/'));
      expect(others.length).toBeGreaterThan(15);
      const refused: string[] = [];
      for (const object of others) {
        await api
          .apply(typeOf(object), object as object, { dryRun: true })
          .catch((error: Error) => refused.push(`${named(object)}: ${error.message}`));
      }
      expect(refused).toEqual([]);
      expect(settingsOf(objects)).toMatchObject({ dataDir: '/var/lib/presage', health: { port: 8090 } });
      // Two of one name would take each other's place.
      expect(new Set(objects.map(named)).size).toBe(objects.length);
    });

    it('rules and dashboards are those that the tests of alerts and panels read, with the runbooks where one keeps them', async () => {
      const objects = await renderObjects(helm, {
        set: [
          ...NEEDED,
          'monitoring.rules.enabled=true',
          'monitoring.rules.runbooks=https://wiki.example.com/',
          'monitoring.dashboards.enabled=true',
        ],
        apiVersions: ['monitoring.coreos.com/v1'],
      });
      const { spec } = objects.find(({ kind }) => kind === 'PrometheusRule') as unknown as {
        spec: { groups: { rules: Rule[] }[] };
      };
      const rules = spec.groups.flatMap((group) => group.rules);
      const kept = [...rulesOf('recording'), ...rulesOf('alerts')];
      expect(rules.map(({ expr }) => expr)).toEqual(kept.map(({ expr }) => expr));
      const links = rules.flatMap(({ annotations }) => annotations?.['runbook_url'] ?? []);
      expect(new Set(links.map((link) => link.replace(/Presage\w+\.md$/, '')))).toEqual(
        new Set(['https://wiki.example.com/docs/runbooks/']),
      );
      const map = objects.find(({ metadata }) => metadata.name === 'presage-dashboards') as unknown as {
        data: Record<string, string>;
        metadata: object;
      };
      expect(map.metadata).toMatchObject({ labels: { grafana_dashboard: '1' } });
      expect(new Map(Object.entries(map.data))).toEqual(dashboardFiles());
    });

    it('what is not in every cluster comes only where it is known', async () => {
      const wish: ChartWish = {
        files: [example('gke')],
        set: [
          'serviceMonitor.enabled=true',
          'monitoring.rules.enabled=true',
          'agent.tls.existingSecret=',
          'agent.tls.certManager.issuerRef.name=own',
        ],
      };
      const kinds = async (apiVersions: readonly string[]): Promise<string[]> =>
        (await renderObjects(helm, { ...wish, apiVersions }))
          .filter(({ kind }) => !(kind in KINDS))
          .map(({ kind }) => kind);
      expect(await kinds([])).toEqual(['Certificate', 'Certificate']);
      const known = ['monitoring.coreos.com/v1', 'gateway.networking.k8s.io/v1'];
      expect((await kinds(known)).sort()).toEqual([
        'Certificate',
        'Certificate',
        'HTTPRoute',
        'PodMonitor',
        'PodMonitor',
        'PodMonitor',
        'PrometheusRule',
        'ServiceMonitor',
      ]);
    });

    it('metrics of control workers and pod agents: a monitor and a way in, where they are wanted', async () => {
      const of = async (...set: string[]) => {
        const objects = await renderObjects(helm, {
          files: [example('plain')],
          set,
          apiVersions: ['monitoring.coreos.com/v1'],
        });
        const find = <T>(kind: string, name: string): T =>
          objects.find((object) => object.kind === kind && object.metadata.name === name) as T;
        return { objects, find };
      };
      const without = await of();
      expect(without.objects.filter(({ kind }) => kind === 'PodMonitor')).toEqual([]);
      type Policy = { spec: { ingress: { ports?: { port: string | number }[]; from: object[] }[] } };
      expect(without.find<Policy>('NetworkPolicy', 'presage-control').spec.ingress).toEqual([]);
      const from = 'networkPolicy.metricsFrom[0].podSelector.matchLabels.app=prometheus';
      for (const set of [[], [from]]) {
        const { objects, find } = await of('serviceMonitor.enabled=true', ...set);
        for (const component of ['control', 'pod-agents']) {
          const { spec } = find<{ spec: { podMetricsEndpoints: object[]; selector: { matchLabels: object } } }>('PodMonitor', `presage-${component}`); // prettier-ignore
          expect(spec.podMetricsEndpoints).toMatchObject([{ port: 'health', path: '/metrics', interval: '30s' }]);
          const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === `presage-${component}`); // prettier-ignore
          expect((deployment as unknown as { spec: { selector: { matchLabels: object } } }).spec.selector.matchLabels).toEqual(spec.selector.matchLabels); // prettier-ignore
          const ways = find<Policy>('NetworkPolicy', `presage-${component}`).spec.ingress;
          const asked = [set.length > 0 ? { podSelector: { matchLabels: { app: 'prometheus' } } } : { namespaceSelector: {} }]; // prettier-ignore
          expect(ways.filter(({ ports }) => ports?.some(({ port }) => port === 'health'))).toEqual([
            { ports: [{ protocol: 'TCP', port: 'health' }], from: asked },
          ]);
        }
      }
    });

    it('agents outside of the cluster are reached by whoever must, once it is said where they are', async () => {
      const connects = async (...set: string[]) => {
        const objects = await renderObjects(helm, { files: [example('plain')], set });
        const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as NetworkPolicy[];
        return (from: Pod | Outside, to: Pod | Outside, port: number): boolean => mayConnect(policies, from, to, port);
      };
      const pod = (component: string): Pod => ({
        namespace: 'presage',
        labels: { 'app.kubernetes.io/name': 'presage', 'app.kubernetes.io/instance': 'presage', 'app.kubernetes.io/component': component }, // prettier-ignore
        ports: { http: 8080, health: 8090 },
      });
      const [gateway, control, migrate] = [pod('gateway'), pod('control'), pod('migrate')];
      const [joined, beside] = [{ address: '10.20.0.7' }, { address: '10.21.0.7' }];
      const without = await connects('networkPolicy.gatewayFrom[0].ipBlock.cidr=203.0.113.0/24');
      for (const [from, to, port] of [
        [gateway, joined, 7443],
        [control, joined, 7443],
        [joined, gateway, 8080],
      ] as const)
        // prettier-ignore
        expect(without(from, to, port)).toBe(false);
      const withThem = await connects(
        'networkPolicy.gatewayFrom[0].ipBlock.cidr=203.0.113.0/24',
        'networkPolicy.joinedNodes.to[0].ipBlock.cidr=10.20.0.0/16',
        'networkPolicy.joinedNodes.relayPort=7500',
      );
      const open: readonly (readonly [Pod | Outside, Pod | Outside, number])[] = [
        ...[7443, 7500].map((port) => [gateway, joined, port] as const),
        [control, joined, 7443],
        [joined, gateway, 8080],
      ];
      const shut: typeof open = [
        ...[7443, 7500].map((port) => [gateway, beside, port] as const),
        ...[7444, 22].map((port) => [gateway, joined, port] as const),
        // Instances are the gateways' to reach.
        [control, joined, 7500],
        [migrate, joined, 7443],
        [joined, control, 8090],
        [beside, gateway, 8080],
        [{ namespace: 'presage-functions', labels: { 'presage.dev/network': 'egress' } }, joined, 7443],
      ];
      expect(open.filter(([from, to, port]) => !withThem(from, to, port))).toEqual([]);
      expect(shut.filter(([from, to, port]) => withThem(from, to, port))).toEqual([]);
    });

    test.each([
      [['gatewy.replicas=3'], /additional properties 'gatewy' not allowed/i],
      [['gateway.replicas=0'], /gateway\/replicas.*minimum|gateway\.replicas.*greater than or equal to 1/is],
      [['gateway.drain.graceSeconds=10'], /graceSeconds/],
      [['agent.sandbox=docker'], /sandbox.*(runc|one of)/is],
      [['functions.podSecurity=privileged'], /podSecurity/],
      [['temporal.address=https://temporal:7233'], /temporal.*address|address.*pattern/is],
      [['image.digest=sha256:1'], /digest/],
      [['networkPolicy.functionsExcept={ten}'], /functionsExcept/],
    ])('values that are wrong are refused by the schema: %s', async (set, message) => {
      await expect(renderObjects(helm, { set: [...NEEDED, ...set] })).rejects.toThrow(message);
    });

    it('what is missing is told at once, with what to do', async () => {
      const said = await renderObjects(helm).catch((error: Error) => error.message);
      expect(said).toContain('The values have 5 problem(s):');
      for (const value of NEEDED) expect(said).toContain(value.split('=')[0]);
      await expect(renderObjects(helm, { set: [...NEEDED, 'temporal.apiKey.existingSecret=cloud'] })).rejects.toThrow(
        'temporal.tls.enabled: an API key is not sent in the clear',
      );
      await expect(renderObjects(helm, { set: [...NEEDED, 'agent.namespace=other'] })).rejects.toThrow(
        'agent.storage.existingClaim',
      );
    });

    it('deploy/manifests is what the chart renders: else npm run manifests', async () => {
      const folder = path.join(CHART, '..', 'manifests');
      const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
      const kept = new Map(files.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
      expect(kept).toEqual(await plainManifests(helm));
    });
  });
}
