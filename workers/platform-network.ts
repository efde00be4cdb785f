import { createAgentClient, type AgentClient } from '../agent/rpc/agent-client';
import type { AgentTlsSettings } from '../agent/rpc/agent-tls';
import { bandwidthBetween } from '../core/network/bandwidth';
import { LatencyMatrix, type Place } from '../core/network/latency-matrix';
import { JOINED_LABEL, serverNameOf } from '../core/node/certificate-names';
import { platformIdentity } from '../drivers/certificates/platform-identity';
import type { DeclaredNode } from '../drivers/cluster/static/static-cluster';
import type { ClusterNode } from '../drivers/cluster/cluster';
import type { ImageStore } from '../drivers/image-store/image-store';
import { createFarImageStore } from '../drivers/image-store/far/far-image-store';
import { agentAddress, gatewayRegion, type Config } from './config';

/** The nodes of the configuration, with their addresses. */
export function declaredNodes(config: Config): readonly DeclaredNode[] {
  return config.nodes.map(({ name, tier, region, labels, address }) => {
    return { name, tier, region, labels, address: agentAddress(config, { name, address }) };
  });
}

/** Distances as placement and routing reckon with them, whether they are injected or not. */
export function latencyMatrix(config: Config): LatencyMatrix {
  return LatencyMatrix.of(config.network, config.nodes);
}

/** Where gateway, control worker and image store stand. */
export function platformPlace(config: Config): Place {
  return { region: gatewayRegion(config) };
}

/**
 * The client of a node's agent, as far away as the configuration has it felt.
 * @param traceparent of whatever calls now; undefined where its trace is not kept
 */
export function agentClientOf(config: Config, node: ClusterNode, traceparent?: () => string | undefined): AgentClient {
  const { network } = config;
  const place = { region: node.region, node: node.name };
  const roundTripMs = network.inject ? latencyMatrix(config).ms(platformPlace(config), place) : 0;
  return createAgentClient(node.address, agentTlsOf(config, node), roundTripMs, traceparent);
}

/** Nodes of the configuration have its certificates; one that has joined knows the platform by its own authority. */
export function agentTlsOf(
  { agent, nodes, dataDir }: Config,
  { name, labels }: Pick<ClusterNode, 'name' | 'labels'>,
): AgentTlsSettings | undefined {
  if (nodes.some((node) => node.name === name)) return agent.tls;
  if (agent.tls && labels[JOINED_LABEL] === undefined) return agent.tls;
  const own = platformIdentity(dataDir);
  return own && { ...own, serverName: serverNameOf(name) };
}

/** The image store as it is reached from a region: across the network where that is to be felt. */
export function imagesFrom(images: ImageStore, config: Config, region: string): ImageStore {
  const { network } = config;
  const here = gatewayRegion(config);
  const roundTripMs = latencyMatrix(config).ms({ region }, { region: here });
  const bytesPerSecond = bandwidthBetween(network, here, region);
  if (!network.inject || (roundTripMs === 0 && bytesPerSecond === Number.POSITIVE_INFINITY)) return images;
  return createFarImageStore(images, { roundTripMs, bytesPerSecond });
}
