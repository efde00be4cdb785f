import type { Deployment } from 'kubernetes-types/apps/v1';
import type { Namespace, Node, Pod, Secret, Service, ServiceAccount } from 'kubernetes-types/core/v1';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1';
import { clusterType, namespacedType } from './resource-type';

/** The objects of Kubernetes' own that more than one part of the platform deals with. */
export const NODES = clusterType<Node>('v1', 'Node', 'nodes');
export const NAMESPACES = clusterType<Namespace>('v1', 'Namespace', 'namespaces');
export const PODS = namespacedType<Pod>('v1', 'Pod', 'pods');
export const SECRETS = namespacedType<Secret>('v1', 'Secret', 'secrets');
export const SERVICES = namespacedType<Service>('v1', 'Service', 'services');
export const SERVICE_ACCOUNTS = namespacedType<ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts');
export const DEPLOYMENTS = namespacedType<Deployment>('apps/v1', 'Deployment', 'deployments');
export const ENDPOINT_SLICES = namespacedType<EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');
