import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { RunSpec } from '../../core/function/run-spec';
import { deploymentOf } from '../../drivers/sandbox/kubernetes/workload-objects';
import { loadConfig } from '../../workers/config';
import { podSettings } from '../drivers/sandbox/kubernetes/pod-settings';
import { testRunSpec } from '../drivers/sandbox/run-spec';
import { holdsFor, mayConnect, type NetworkPolicy, type Outside, type Pod } from './network-access';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: Template };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}
interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly containers: readonly Container[];
    readonly volumes: readonly {
      readonly name: string;
      readonly configMap?: { readonly name: string };
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
  };
}
interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string }[];
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
}

const folder = path.join(__dirname, '..', '..', 'deploy', 'manifests');
const objects = readdirSync(folder).flatMap((name) =>
  parseAllDocuments(readFileSync(path.join(folder, name), 'utf8')).map((document) => document.toJS() as Manifest),
);
const workloads = objects.filter((object) => object.spec?.template?.spec.containers);
const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as NetworkPolicy[];

function templateOf(component: string): Template {
  const name = `presage-${component}`;
  const found = workloads.find(({ metadata }) => metadata.name === name || metadata.name.startsWith(`${name}-0`));
  if (!found?.spec?.template) throw new Error(`There is no workload ${name}`);
  return found.spec.template;
}

function podOf(component: string): Pod {
  const { metadata, spec } = templateOf(component);
  const ports = Object.fromEntries(
    spec.containers.flatMap((container) => container.ports ?? []).map((port) => [port.name, port.containerPort]),
  );
  return { namespace: 'presage', labels: metadata.labels, ports };
}

/** As the driver makes them. */
function functionPod(network: RunSpec['network']): Pod {
  const run = testRunSpec('nodejs', { network });
  const one = { name: 'f-sample-1', node: { name: 'edge-0', tolerations: [] }, run, codeToken: 'once', key: null };
  const none = { command: null, workingDir: null, ownImage: null, checkpointImage: null };
  const deployment = deploymentOf({ ...one, ...none }, podSettings('presage-functions'), 1);
  return { namespace: 'presage-functions', labels: deployment.spec?.template.metadata?.labels ?? {} };
}

describe('what deploy/manifests says of the processes', () => {
  it('the settings are some that every process takes', () => {
    const text = objects.find(({ kind }) => kind === 'ConfigMap')?.data?.['presage.yaml'] ?? '';
    const own = mkdtempSync(path.join(tmpdir(), 'presage-chart-'));
    const file = path.join(own, 'presage.yaml');
    writeFileSync(file, text);
    try {
      const config = loadConfig({ PRESAGE_CONFIG: file });
      expect(config).toMatchObject({
        dataDir: '/var/lib/presage',
        cluster: 'kubernetes',
        nodes: [],
        gateway: { host: '0.0.0.0', port: 8080 },
        health: { host: '0.0.0.0', port: 8090 },
        temporal: { address: 'temporal-frontend.temporal.svc:7233' },
        agent: { tls: { serverName: 'agent.presage' } },
      });
      // An agent's own, as Kubernetes fills it in.
      const { env } = templateOf('agent').spec.containers[0] as Container;
      const nodes = env.find(({ name }) => name === 'PRESAGE__NODES')?.value ?? '';
      const filled = nodes.replace('$(PRESAGE_NODE)', 'node-1').replace('$(POD_IP)', '10.1.2.3');
      expect(loadConfig({ PRESAGE_CONFIG: file, PRESAGE__NODES: filled }).nodes).toEqual([
        expect.objectContaining({ name: 'node-1', address: '10.1.2.3:7443' }),
      ]);
    } finally {
      rmSync(own, { recursive: true });
    }
  });

  it('a gateway has the time that its own drain takes, after balancers were told', () => {
    const { terminationGracePeriodSeconds = 0, containers } = templateOf('gateway').spec;
    const notice = containers[0]?.lifecycle?.preStop.sleep.seconds ?? 0;
    const source = readFileSync(path.join(__dirname, '..', '..', 'workers', 'gateway.ts'), 'utf8');
    const clocks = ['NOTICE_MS', 'IN_FLIGHT_GRACE_MS', 'LEASE_GRACE_MS', 'RECORD_GRACE_MS'].map((name) =>
      Number(new RegExp(`^const ${name} = ([\\d_]+);`, 'm').exec(source)?.[1]?.replaceAll('_', '')),
    );
    const drain = clocks.reduce((sum, ms) => sum + ms) / 1000;
    expect(drain).toBeGreaterThan(30);
    expect(notice).toBeGreaterThan(0);
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(notice + drain);
  });

  it('accounts, settings, claims and volumes that are named are there', () => {
    expect(workloads.map(({ kind }) => kind).sort()).toEqual([
      'DaemonSet',
      'Deployment',
      'Deployment',
      'Deployment',
      'Job',
    ]);
    const has = (kind: string, name: string, namespace?: string): boolean =>
      objects.some(
        ({ kind: own, metadata }) => own === kind && metadata.name === name && metadata.namespace === namespace,
      );
    const missing = workloads.flatMap(({ metadata, spec }) => {
      const { serviceAccountName, volumes, containers } = (spec?.template as Template).spec;
      const named: (readonly [string, string | undefined])[] = [
        ['ServiceAccount', serviceAccountName],
        ...volumes.map(({ configMap }) => ['ConfigMap', configMap?.name] as const),
        ...volumes.map((volume) => ['PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName] as const),
      ];
      const absent = named.filter(([kind, name]) => name !== undefined && !has(kind, name, metadata.namespace));
      const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts);
      const loose = mounts.filter(({ name }) => !volumes.some((volume) => volume.name === name));
      return [...absent, ...loose].map((what) => `${metadata.name}: ${JSON.stringify(what)}`);
    });
    expect(missing).toEqual([]);
    const subjects = objects.flatMap((object) => object.subjects ?? []);
    expect(subjects.length).toBeGreaterThan(2);
    for (const { kind, name, namespace } of subjects) expect([name, has(kind, name, namespace)]).toEqual([name, true]);
  });
});

describe('who may connect to whom', () => {
  const gateway = podOf('gateway');
  const control = podOf('control');
  const agent = podOf('agent');
  const podAgents = podOf('pod-agents');
  const migrate = podOf('migrate');
  const instance = functionPod('egress');
  const shutIn = functionPod('none');
  const stranger: Pod = { namespace: 'default', labels: { app: 'shop' } };
  const internet: Outside = { address: '203.0.113.7' };
  const inside: Outside = { address: '10.0.0.1' };
  const metadata: Outside = { address: '169.254.169.254' };
  const allowed: [string, Pod | Outside, Pod | Outside, number][] = [
    ['callers reach gateways', internet, gateway, 8080],
    ['pods of others reach gateways', stranger, gateway, 8080],
    ['functions in pods reach gateways', instance, gateway, 8080],
    ['functions of agents reach gateways', agent, gateway, 8080],
    ['gateways reach agents', gateway, agent, 7443],
    ['gateways reach instances of agents', gateway, agent, 7444],
    ['gateways reach instances in pods', gateway, instance, 8080],
    ['gateways reach pod agents', gateway, podAgents, 7501],
    ['control workers reach agents', control, agent, 7443],
    ['control workers reach pod agents', control, podAgents, 7501],
    ['control workers reach the API server', control, inside, 443],
    ['pod agents reach the API server', podAgents, inside, 6443],
    ['pod agents reach instances', podAgents, instance, 8080],
    ['instances fetch their code', instance, podAgents, 7480],
    ['those without a network fetch their code', shutIn, podAgents, 7480],
    ['gateways reach those without a network', gateway, shutIn, 8080],
    ['gateways reach PostgreSQL', gateway, inside, 5432],
    ['gateways reach Temporal', gateway, inside, 7233],
    ['control workers reach Temporal', control, inside, 7233],
    ['agents reach PostgreSQL', agent, inside, 5432],
    ['migrations reach PostgreSQL', migrate, inside, 5432],
    ['functions reach the internet', instance, internet, 443],
    ['functions of agents reach the internet', agent, internet, 443],
  ];
  const refused: [string, Pod | Outside, Pod | Outside, number][] = [
    ['nobody from outside reaches agents', internet, agent, 7443],
    ['pods of others do not reach agents', stranger, agent, 7443],
    ['pods of others do not reach instances', stranger, instance, 8080],
    ['pods of others do not reach control workers', stranger, control, 8090],
    ['gateways are reached at their own port alone', stranger, gateway, 9229],
    ['instances do not reach each other', instance, instance, 8080],
    ['those without a network do not reach the internet', shutIn, internet, 443],
    ['those without a network do not reach gateways', shutIn, gateway, 8080],
    ['those without a network do not reach each other', shutIn, shutIn, 8080],
    ['agents elsewhere are not reached where nobody says that there are any', gateway, inside, 7443],
    ['instances do not reach agents', instance, agent, 7443],
    ['instances do not reach agents of pods', instance, podAgents, 7501],
    ['instances do not reach control workers', instance, control, 8090],
    ['instances do not reach the network of the cluster', instance, inside, 443],
    ['instances do not reach the metadata of the cloud', instance, metadata, 80],
    ['agents do not reach the metadata of the cloud', agent, metadata, 80],
    ['agents do not reach each other', agent, agent, 7443],
    ['agents do not reach control workers', agent, control, 8090],
    ['agents do not reach the API server', agent, inside, 6443],
    ['gateways do not reach control workers', gateway, control, 8090],
    ['migrations reach nothing else', migrate, agent, 7443],
    ['migrations do not reach Temporal', migrate, inside, 7233],
  ];

  // A place outside that a rule names by port alone.
  const connects = (from: Pod | Outside, to: Pod | Outside, port: number): boolean =>
    mayConnect(policies, from, to, port);

  test.each(allowed)('%s', (_, from, to, port) => expect(connects(from, to, port)).toBe(true));
  test.each(refused)('%s', (_, from, to, port) => expect(connects(from, to, port)).toBe(false));

  test('every policy holds for somebody', () => {
    const pods = { gateway, control, agent, podAgents, migrate, instance, shutIn };
    const holds = policies.map((policy): [string, string[]] => [
      policy.metadata.name,
      Object.entries(pods).flatMap(([name, pod]) => (holdsFor(policy, pod) ? [name] : [])),
    ]);
    expect(Object.fromEntries(holds)).toEqual({
      'presage-gateway': ['gateway'],
      'presage-control': ['control'],
      'presage-migrate': ['migrate'],
      'presage-agent': ['agent'],
      'presage-pod-agents': ['podAgents'],
      'presage-functions': ['instance', 'shutIn'],
      'presage-functions-egress': ['instance'],
    });
  });
});
