import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync, type AnyDefinition } from '@grpc/proto-loader';
import { assetPath } from '../../drivers/asset-path';

export type AgentMethods = Readonly<Record<AgentMethod, MethodDefinition<object, object>>>;
export type AgentMethod = (typeof METHODS)[number];

const METHODS = [
  'Endpoints',
  'SetTargets',
  'StartTemplate',
  'Checkpoint',
  'Seal',
  'Verify',
  'Publish',
  'DropCheckpoint',
  'ReleaseTemplate',
  'Retire',
  'Drain',
  'Stats',
  'Certificate',
  'InstallCertificate',
] as const;

let loaded: AgentMethods | undefined;

/** The service as agent.proto defines it, read once per process. */
export function agentService(): AgentMethods {
  if (loaded) return loaded;
  const definitions = loadSync(assetPath('agent/rpc/agent.proto'), {
    keepCase: false,
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  const service = definitions['presage.agent.v1.Agent'];
  if (!isAgentService(service)) throw new Error(`agent.proto lacks a service Agent with ${METHODS.join(', ')}`);
  loaded = service;
  return loaded;
}

function isAgentService(definition: AnyDefinition | undefined): definition is AnyDefinition & AgentMethods {
  return definition !== undefined && METHODS.every((name) => name in definition);
}
