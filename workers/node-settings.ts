import { availableParallelism, totalmem } from 'node:os';
import { z } from 'zod';
import { isLocalTarget } from '../agent/rpc/agent-tls';
import type { RelayAddress } from '../agent/rpc/instance-way';
import { nameSchema, TIERS } from '../core/function/manifest';
import { parseCpu, parseMemory } from '../core/function/quantity';
import { quantityIn } from '../core/function/quantity-schema';
import { nodeNameSchema } from '../core/node/node-name';
import type { NodeCapacity } from '../core/node/node-capacity';

/** One entry of `nodes` in the configuration. */
export const nodeSchema = z.strictObject({
  name: nodeNameSchema,
  tier: z.enum(TIERS).default('central'),
  /** Where it stands: a place whose distances `network` knows. */
  region: nameSchema.default('local'),
  /** gRPC target of its agent; default: a Unix socket in the run folder. */
  address: z.string().optional(),
  /** `host:port` by which gateways on other machines reach its instances; default: the port after that of `address`. */
  relay: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/[\]]+):\d{1,5}$/, 'must be host:port')
    .optional(),
  labels: z.record(z.string(), z.string()).default({}),
  /** Memory that its instances may be promised in all; default: an equal share of what the other nodes here leave. */
  memory: quantityIn(parseMemory).optional(),
  /** Cores that its instances share, such as 2 or 500m; default: as for memory. */
  cpu: quantityIn(parseCpu).optional(),
  /** Functions that placement puts there at most; default: one for each 128Mi of memory. */
  slots: z.coerce.number().int().min(1).max(10_000).optional(),
});

type NodeSettings = z.infer<typeof nodeSchema>;

/** Where its agent passes connections on to instances; undefined where gateways are never on another machine, or have no certificate. */
export function relayOf(
  node: Pick<NodeSettings, 'address' | 'relay'>,
  tls: object | undefined,
): RelayAddress | undefined {
  if (!tls || node.address === undefined || node.address.startsWith('unix:')) return undefined;
  const [, host, port] = /^(?:dns:(?:\/\/\/)?)?(\[.*\]|[^:/]+):(\d+)$/.exec(node.relay ?? node.address) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) + (node.relay === undefined ? 1 : 0) };
}

/** Of the machine's memory; the rest is the platform's own and the system's. */
const MEMORY_SHARE = 0.75;
const SLOT_BYTES = 128 * 2 ** 20;
/** The least that a node has, however many share the machine. */
const [LEAST_MEMORY, LEAST_CPU] = [64 * 2 ** 20, 100];

/**
 * What a node of this machine has. The nodes of one machine share it: what some are given by name is taken off, and the
 * others get equal parts of what is left.
 * @param machineMemory `agent.memory`: of all nodes here together; default three quarters of the machine's
 */
export function capacityOf(
  node: NodeSettings,
  nodes: readonly NodeSettings[],
  machineMemory = Math.floor(totalmem() * MEMORY_SHARE),
  machineCpu = availableParallelism() * 1000,
): NodeCapacity {
  const here = nodes.filter(
    ({ name, address }) => name === node.name || address === undefined || isLocalTarget(address),
  );
  const share = (key: 'memory' | 'cpu', whole: number, least: number): number => {
    const left = here.reduce((sum, one) => sum - (one[key] ?? 0), whole);
    return Math.max(least, Math.floor(left / here.filter((one) => one[key] === undefined).length));
  };
  const memoryBytes = node.memory ?? share('memory', machineMemory, LEAST_MEMORY);
  return {
    memoryBytes,
    cpuMillis: node.cpu ?? share('cpu', machineCpu, LEAST_CPU),
    slots: node.slots ?? Math.max(1, Math.floor(memoryBytes / SLOT_BYTES)),
  };
}
