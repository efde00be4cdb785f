import { createStaticCluster } from '../../../drivers/cluster/static/static-cluster';
import { describeDeclaredCluster } from './cluster-contract';

describeDeclaredCluster('the static cluster', createStaticCluster);
