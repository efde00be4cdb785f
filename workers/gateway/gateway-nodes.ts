import type { Logger } from 'pino';
import type { CheckpointDueMessage } from '../../agent/rpc/agent-messages';
import { SharedAuthority } from '../../drivers/certificates/shared-authority';
import { createRegisteredCluster } from '../../drivers/cluster/registered/registered-cluster';
import { createStaticCluster } from '../../drivers/cluster/static/static-cluster';
import type { SecretVault } from '../../drivers/secrets/secret-vault';
import type { Store } from '../../drivers/store/store';
import { AgentLink } from '../../gateway/invocation/agent-link';
import { NodeLinks } from '../../gateway/invocation/node-links';
import type { WorkflowStarter } from '../../gateway/api/api-context';
import type { CallTraces } from '../../gateway/tracing/call-traces';
import { createRelayDialer } from '../../gateway/upstream/relay-dialer';
import { certifiedCluster } from '../certified-cluster';
import type { Config } from '../config';
import { agentClientOf, agentTlsOf, declaredNodes } from '../platform-network';
import { startCheckpoint } from './gateway-workflows';

export interface GatewayNodesContext {
  readonly config: Config;
  /** Name of the gateway. */
  readonly gateway: string;
  readonly store: Store;
  readonly vault: SecretVault;
  readonly workflows: WorkflowStarter;
  /** Id of the price table by which calls are priced. */
  readonly priceTable: string;
  readonly traces: CallTraces | undefined;
  readonly log: Logger;
}

/** The nodes that a gateway calls, those declared from the first moment on, and the authority whose certificates agents show. */
export async function createGatewayNodes(
  context: GatewayNodesContext,
): Promise<{ readonly nodes: NodeLinks; readonly authority: SharedAuthority }> {
  const { config, gateway, store, vault, workflows, priceTable, traces, log } = context;
  const declared = declaredNodes(config);
  const authority = new SharedAuthority({ store, vault, dataDir: config.dataDir });
  const cluster = certifiedCluster(createRegisteredCluster(store, declared), authority, log);
  const traceparentOf = traces && ((id: string): string | undefined => traces.traceparentOf(id));
  const nodes = new NodeLinks(
    {
      cluster,
      store,
      log,
      connect: (node) => {
        const client = agentClientOf(config, node);
        const checkpointDue = (message: CheckpointDueMessage): void =>
          void startCheckpoint(workflows, node.name, message, log);
        const tls = agentTlsOf(config, node);
        const relay = tls && createRelayDialer({ tls, gatewayId: gateway });
        const told = { gatewayId: gateway, node, agent: client, relay, log, checkpointDue, priceTable, traceparentOf };
        return { client, link: new AgentLink(told) };
      },
    },
    await createStaticCluster(declared).nodes(),
  );
  return { nodes, authority };
}
