import { LocalKubernetes } from '../../bench/kubernetes/local-kubernetes';
import { describeChart } from './deploy/chart';
import { describeChartRights } from './deploy/chart-rights';
import { describeControlNodes } from './deploy/control-nodes';
import { describeKubernetesNodes } from './drivers/cluster/kubernetes-cluster';
import { describeInformers } from './drivers/kubernetes/informers';
import { describeClient } from './drivers/kubernetes/rest-kubernetes-api';
import { describePods } from './drivers/sandbox/kubernetes-driver';
import { describeFunctionSchema } from './function-schema';
import type { SharedKubernetes } from './support/shared-kubernetes';

// One start of all the servers for what leaves the others alone: what changes nodes comes after those that count them.
let kubernetes: SharedKubernetes;
const shared = (): SharedKubernetes => kubernetes;

beforeAll(async () => {
  const local = await LocalKubernetes.start({ progress: (line) => void process.stderr.write(`${line}\n`) });
  kubernetes = { local, api: await local.api() };
}, 1_200_000);
afterAll(async () => {
  await kubernetes?.api.close();
  await kubernetes?.local.stop();
});

describeClient(shared);
describeFunctionSchema(shared);
// Before those that make namespaces of the chart's names.
describeControlNodes(shared);
describeChart(shared);
describeChartRights(shared);
describePods(shared);
describeKubernetesNodes(shared);
describeInformers(shared);
