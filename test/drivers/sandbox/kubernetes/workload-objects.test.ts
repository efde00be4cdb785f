import {
  CODE_TOKEN_KEY,
  deploymentOf,
  secretOf,
  serviceOf,
  type WorkloadSpec,
} from '../../../../drivers/sandbox/kubernetes/workload-objects';
import { testRunSpec } from '../run-spec';
import { podSettings } from './pod-settings';

const settings = podSettings('functions', { gatewayUrl: 'http://gateway', annotations: { 'org.criu.config': '/x' } });

function workload(change: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return {
    name: 'f-sample-1',
    node: { name: 'edge-0', tolerations: [{ key: 'presage.dev/tier', value: 'edge', effect: 'NoSchedule' }] },
    run: testRunSpec('nodejs', { tenant: 'acme', secretEnv: { TOKEN: 'hush' } }),
    command: null,
    workingDir: null,
    ownImage: null,
    checkpointImage: null,
    codeToken: 'once',
    key: 'alike',
    ...change,
  };
}

const podOf = (change: Partial<WorkloadSpec> = {}) => deploymentOf(workload(change), settings, 2).spec?.template;
const containerOf = (change: Partial<WorkloadSpec> = {}) => podOf(change)?.spec?.containers[0];

test('the pod is pinned to its node by name, and tolerates what the node keeps others away with', () => {
  const spec = podOf()?.spec;
  expect(spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual([
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['edge-0'] }] },
  ]);
  expect(spec?.tolerations).toEqual([
    { key: 'presage.dev/tier', operator: 'Equal', value: 'edge', effect: 'NoSchedule' },
  ]);
  expect(deploymentOf(workload(), settings, 2).spec?.replicas).toBe(2);
});

test('every container keeps to the restricted profile, and none can speak with the API server', () => {
  const spec = podOf()?.spec;
  expect(spec).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  });
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  expect(containers).toHaveLength(2);
  for (const { securityContext } of containers) {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  }
});

test('limits and grace come from the manifest', () => {
  expect(containerOf()?.resources).toEqual({
    requests: { cpu: '100m', memory: '268435456' },
    limits: { cpu: '1000m', memory: '268435456' },
  });
  expect(podOf()?.spec?.terminationGracePeriodSeconds).toBe(305);
});

test('secrets stand in the Secret and nowhere else, and go with the Deployment', () => {
  const deployment = deploymentOf(workload(), settings, 1);
  expect(JSON.stringify(deployment)).not.toMatch(/hush|once/);
  expect(containerOf()?.env).toContainEqual({
    name: 'TOKEN',
    valueFrom: { secretKeyRef: { name: 'f-sample-1', key: 'TOKEN' } },
  });
  const secret = secretOf(workload(), settings, 'uid-1');
  expect(secret.stringData).toEqual({ TOKEN: 'hush', [CODE_TOKEN_KEY]: 'once' });
  for (const { metadata } of [secret, serviceOf(workload(), settings, 'uid-1')])
    expect(metadata?.ownerReferences).toMatchObject([{ kind: 'Deployment', name: 'f-sample-1', uid: 'uid-1' }]);
});

test('a pod is told no instance id: it learns it with its first request', () => {
  const names = containerOf()?.env?.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['PORT', 'PRESAGE_FUNCTION', 'PRESAGE_HANDLER', 'GREETING']));
  expect(names).not.toContain('PRESAGE_INSTANCE');
  expect(names).not.toContain('PRESAGE_GATEWAY_URL'); // network: none
});

test.each([
  ['nodejs', { command: null }, { httpGet: { path: '/_presage/health', port: 8080 } }, /node$/],
  ['python', { command: null }, { httpGet: { path: '/_presage/health', port: 8080 } }, /python3$/],
  ['http', { command: ['/serve'] }, { tcpSocket: { port: 8080 } }, /serve$/],
  ['http', { command: ['/serve'], healthPath: '/up' }, { httpGet: { path: '/up', port: 8080 } }, /serve$/],
] as const)('a %s pod is ready when it answers', (runtime, change, probe, program) => {
  const run = testRunSpec(runtime, { ...change, command: change.command === null ? null : [...change.command] });
  const container = containerOf({ run });
  expect(container?.readinessProbe).toMatchObject(probe);
  expect(container?.command?.[0]).toMatch(program);
  expect(container?.image).toBe(`example/${runtime === 'nodejs' ? 'node' : runtime}:1`);
});

test('a restored pod is the same with another image', () => {
  const image = 'registry/x@sha256:1';
  expect(containerOf({ checkpointImage: image })).toEqual({ ...containerOf(), image });
  expect(deploymentOf(workload({ checkpointImage: image }), settings, 1).metadata?.annotations).toMatchObject({
    'presage.dev/checkpoint': image,
  });
});

test('an image of the function’s own brings its code: nothing is fetched', () => {
  const spec = podOf({ ownImage: 'registry/own:1', workingDir: '/app', command: ['/app/server'] })?.spec;
  expect(spec?.initContainers).toEqual([]);
  expect(spec?.containers[0]).toMatchObject({ image: 'registry/own:1', workingDir: '/app', command: ['/app/server'] });
});

test('names that are no label values are told apart by digest', () => {
  const long = 'n'.repeat(100);
  const labels = deploymentOf(workload({ node: { name: long, tolerations: [] } }), settings, 1).metadata?.labels;
  expect(labels?.['presage.dev/node']).toMatch(/^x-[0-9a-f]{20}$/);
});
