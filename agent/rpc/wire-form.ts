import type { StartCause, StartKind } from '../../core/start/start';
import type { AcquireReply } from './agent-messages';
import type { InstanceWay } from './instance-way';

/** The grant of one Acquire as agent.proto writes it. */
export interface WireAcquired {
  readonly call: number;
  readonly instanceId: string;
  readonly endpoint: {
    readonly unixPath?: string;
    readonly host?: string;
    readonly port?: number;
    readonly relay?: boolean;
  } | null;
  readonly kind: string;
  readonly cause: string;
  readonly queueMs: number;
  readonly sandboxMs: number;
  readonly readyMs: number;
  readonly lingerMs: number;
  readonly checkpointId: string;
  readonly mayPark: boolean;
  readonly blank: boolean;
}

export function toWireAcquired(call: number, reply: AcquireReply): WireAcquired {
  const { endpoint } = reply;
  return {
    ...reply,
    call,
    endpoint:
      endpoint.kind === 'unix'
        ? { unixPath: endpoint.path }
        : { host: endpoint.host, port: endpoint.port, relay: endpoint.kind === 'relay' },
    cause: reply.cause ?? '',
    checkpointId: reply.checkpointId ?? '',
  };
}

export function fromWireAcquired({ call: _, ...wire }: WireAcquired): AcquireReply {
  return {
    ...wire,
    endpoint: endpointOf(wire.endpoint),
    kind: wire.kind as StartKind,
    cause: wire.cause === '' ? null : (wire.cause as StartCause),
    checkpointId: wire.checkpointId === '' ? null : wire.checkpointId,
  };
}

function endpointOf(wire: WireAcquired['endpoint']): InstanceWay {
  if (wire?.unixPath) return { kind: 'unix', path: wire.unixPath };
  return { kind: wire?.relay ? 'relay' : 'tcp', host: wire?.host ?? '', port: wire?.port ?? 0 };
}
