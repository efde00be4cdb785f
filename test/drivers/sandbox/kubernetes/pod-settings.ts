import type { PodSettings } from '../../../../drivers/sandbox/kubernetes/workload-objects';

/** Settings of function pods for tests. */
export function podSettings(namespace: string, change: Partial<PodSettings> = {}): PodSettings {
  return {
    namespace,
    images: { nodejs: 'example/node:1', python: 'example/python:1', http: 'example/http:1', fetch: 'example/fetch:1' },
    dnsPolicy: 'ClusterFirst',
    codeUrl: 'http://pod-agents:8090/code',
    gatewayUrl: null,
    user: 1000,
    runtimeClass: null,
    annotations: {},
    ...change,
  };
}
