import { describeKubernetesApi } from '../drivers/kubernetes/kubernetes-api-contract';
import { MemoryKubernetes } from './memory-kubernetes';

describeKubernetesApi('the fake in memory', () => new MemoryKubernetes());
