import path from 'node:path';
import { CHART, type RenderedObject } from '../../../bench/kubernetes/chart';
import { clusterType, namespacedType, type ResourceType } from '../../../drivers/kubernetes/resource-type';

/** Kinds that the chart may make: plural, and whether it lives in namespaces. */
export const KINDS: Readonly<Record<string, readonly [plural: string, namespaced: boolean]>> = {
  Namespace: ['namespaces', false],
  ConfigMap: ['configmaps', true],
  Secret: ['secrets', true],
  Service: ['services', true],
  ServiceAccount: ['serviceaccounts', true],
  PersistentVolumeClaim: ['persistentvolumeclaims', true],
  ResourceQuota: ['resourcequotas', true],
  Deployment: ['deployments', true],
  DaemonSet: ['daemonsets', true],
  StatefulSet: ['statefulsets', true],
  Job: ['jobs', true],
  HorizontalPodAutoscaler: ['horizontalpodautoscalers', true],
  PodDisruptionBudget: ['poddisruptionbudgets', true],
  NetworkPolicy: ['networkpolicies', true],
  Ingress: ['ingresses', true],
  ClusterRole: ['clusterroles', false],
  ClusterRoleBinding: ['clusterrolebindings', false],
  Role: ['roles', true],
  RoleBinding: ['rolebindings', true],
};

/** Path of an example's values. */
export const example = (name: string): string => path.join(CHART, 'examples', `${name}.yaml`);
/** Where the API server keeps an object. @throws Error for a kind that the chart does not make by itself */
export function typeOf({ apiVersion, kind }: RenderedObject): ResourceType {
  const known = KINDS[kind];
  if (!known) throw new Error(`The test does not know ${kind}`);
  return (known[1] ? namespacedType : clusterType)(apiVersion, kind, known[0]);
}

/** An object for people. */
export const named = ({ kind, metadata }: RenderedObject): string =>
  `${kind} ${metadata.namespace ?? '-'}/${metadata.name}`;
