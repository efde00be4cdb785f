import type { Problem } from '../error/platform-error';
import { latencyProblems } from './latency-matrix';
import type { NetworkSettings } from './network-settings';
import { namesOf } from './region-pairs';

/**
 * What is wrong with a section `network` beside the form of its values: all of it.
 * @param regions where nodes and the gateway stand
 */
export function networkProblems(network: NetworkSettings, regions: readonly string[]): Problem[] {
  const { latency, nodeLatency, bandwidth, users, inject } = network;
  const problems = latencyProblems(latency, regions);
  const known = new Set([...namesOf(latency), ...regions]);
  const unknown = (path: string, region: string): void => {
    if (known.has(region)) return;
    const message = `there is no region "${region}"; there are ${[...known].sort().join(', ')}`;
    problems.push({ path, message });
  };
  for (const [from, row] of Object.entries(bandwidth)) {
    unknown(`network.bandwidth.${from}`, from);
    for (const to of Object.keys(row)) unknown(`network.bandwidth.${from}.${to}`, to);
  }
  users.forEach(({ region }, index) => unknown(`network.users.${index}.region`, region));
  if (inject && [latency, nodeLatency, bandwidth].every((table) => Object.keys(table).length === 0)) {
    problems.push({ path: 'network.inject', message: 'there is nothing to inject: give network.latency or bandwidth' });
  }
  return problems;
}
