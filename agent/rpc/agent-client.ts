import { setTimeout } from 'node:timers/promises';
import { Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import type {
  AgentMessage,
  CertificateReply,
  CheckpointRef,
  DropCheckpointRequest,
  CheckpointReply,
  CheckpointRequest,
  DrainRequest,
  EndedReply,
  GatewayMessage,
  PublishRequest,
  ReleaseTemplateRequest,
  RetireRequest,
  SealReply,
  SetTargetsReply,
  SetTargetsRequest,
  StartTemplateReply,
  StartTemplateRequest,
  StatsReply,
  VerifyReply,
} from './agent-messages';
import { agentService, type AgentMethod } from './agent-service';
import { clientCredentials, type AgentTlsSettings } from './agent-tls';
import { farStream } from './far-stream';
import {
  openEndpointStream,
  type EndpointListener,
  type EndpointStream,
  type StreamConnection,
} from './endpoint-stream';
import { errorOfStatus } from './status-error';

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds after which the call fails with `unavailable`; each method has a fitting default. */
  readonly timeoutMs?: number;
}

/**
 * One agent, seen from a gateway or a control worker. Every failure is a PlatformError: the agent's own, or
 * `unavailable` when it cannot be reached. One client per agent and process; it reconnects by itself.
 */
export interface AgentClient {
  readonly address: string;
  /** Opens the stream on which a gateway acquires, and keeps it open, with reconnects, until it is closed. */
  endpoints(gatewayId: string, listener: EndpointListener): EndpointStream;
  setTargets(request: SetTargetsRequest, options?: CallOptions): Promise<SetTargetsReply>;
  startTemplate(request: StartTemplateRequest, options?: CallOptions): Promise<StartTemplateReply>;
  checkpoint(request: CheckpointRequest, options?: CallOptions): Promise<CheckpointReply>;
  seal(request: CheckpointRef, options?: CallOptions): Promise<SealReply>;
  verify(request: CheckpointRef, options?: CallOptions): Promise<VerifyReply>;
  publish(request: PublishRequest, options?: CallOptions): Promise<void>;
  dropCheckpoint(request: DropCheckpointRequest, options?: CallOptions): Promise<void>;
  releaseTemplate(request: ReleaseTemplateRequest, options?: CallOptions): Promise<void>;
  retire(request: RetireRequest, options?: CallOptions): Promise<EndedReply>;
  drain(request: DrainRequest, options?: CallOptions): Promise<EndedReply>;
  stats(options?: CallOptions): Promise<StatsReply>;
  /** @throws PlatformError unsupported where the platform does not renew it */
  certificate(options?: CallOptions): Promise<CertificateReply>;
  installCertificate(certificatePem: string, options?: CallOptions): Promise<void>;
  close(): void;
}

/** The agent answers at its deadline; this much later the call is given up. */
const ANSWER_MARGIN_MS = 2_000;
const QUICK_MS = 5_000;
const CRIU_MS = 60_000;

const CHANNEL_OPTIONS = {
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.min_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.max_receive_message_length': 16 * 2 ** 20,
  // Clients of one process share nothing: a closed one must not take another's connection along.
  'grpc.use_local_subchannel_pool': 1,
  // Whoever calls repeats what may be repeated; the library's own way keeps a copy of all that a stream carries.
  'grpc.enable_retries': 0,
};

/**
 * @param address gRPC target of the agent: `unix:/path` or `host:port`
 * @param tls for `host:port`: both sides show a certificate
 * @param roundTripMs that messages are to take beside what they take here, where distance is injected
 * @param traceparent of whatever calls now; undefined where its trace is not kept
 */
export function createAgentClient(
  address: string,
  tls?: AgentTlsSettings,
  roundTripMs = 0,
  traceparent?: () => string | undefined,
): AgentClient {
  const client = new Client(address, clientCredentials(address, tls), {
    ...CHANNEL_OPTIONS,
    ...(tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
  });
  const methods = agentService();

  const near = <Request extends object, Reply>(
    name: AgentMethod,
    request: Request,
    timeoutMs: number,
    options: CallOptions & { readonly waitForReady?: boolean } = {},
  ): Promise<Reply> =>
    new Promise<Reply>((resolve, reject) => {
      const method = methods[name];
      const metadata = new Metadata({ waitForReady: options.waitForReady ?? false });
      const traced = traceparent?.();
      if (traced !== undefined) metadata.set('traceparent', traced);
      const deadline = Date.now() + (options.timeoutMs ?? timeoutMs);
      client.makeUnaryRequest<object, object>(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        { deadline },
        (error, reply) => {
          if (error) reject(errorOfStatus(error, name));
          else resolve(reply as Reply);
        },
      );
    });

  const call = <Request extends object, Reply>(
    name: AgentMethod,
    request: Request,
    timeoutMs: number,
    options?: CallOptions & { readonly waitForReady?: boolean },
  ): Promise<Reply> => {
    const ask = (): Promise<Reply> => near(name, request, timeoutMs, options);
    return roundTripMs === 0 ? ask() : afar(ask, roundTripMs);
  };

  return {
    address,
    endpoints: (gatewayId, listener) =>
      openEndpointStream({
        gatewayId,
        listener,
        connect: () => {
          const { path, requestSerialize, responseDeserialize } = methods.Endpoints;
          const stream = client.makeBidiStreamRequest<object, object>(path, requestSerialize, responseDeserialize);
          const connection: StreamConnection = {
            write: (message: GatewayMessage) => void stream.write(message),
            end: () => stream.end(),
            onMessage: (handler) => void stream.on('data', (message: AgentMessage) => handler(message)),
            onEnd: (handler) => {
              stream.on('error', (error: ServiceError) => handler(errorOfStatus(error, 'Endpoints')));
              stream.on('end', () => handler(null));
            },
          };
          return roundTripMs === 0 ? connection : farStream(connection, roundTripMs);
        },
      }),
    setTargets: (request, options) => call('SetTargets', request, QUICK_MS, options),
    startTemplate: (request, options) =>
      call('StartTemplate', request, request.deadlineMs + ANSWER_MARGIN_MS, { waitForReady: true, ...options }),
    checkpoint: (request, options) => call('Checkpoint', request, CRIU_MS, options),
    seal: (request, options) => call('Seal', request, 2 * CRIU_MS, options),
    verify: (request, options) => call('Verify', request, CRIU_MS, options),
    publish: (request, options) => call('Publish', request, QUICK_MS, options),
    dropCheckpoint: (request, options) => call('DropCheckpoint', request, CRIU_MS, options),
    releaseTemplate: (request, options) => call('ReleaseTemplate', request, CRIU_MS, options),
    retire: (request, options) => call('Retire', request, request.deadlineMs + ANSWER_MARGIN_MS, options),
    drain: (request, options) => call('Drain', request, request.deadlineMs + ANSWER_MARGIN_MS, options),
    stats: (options) => call('Stats', {}, QUICK_MS, options),
    certificate: (options) => call('Certificate', {}, QUICK_MS, options),
    installCertificate: (certificatePem, options) => call('InstallCertificate', { certificatePem }, QUICK_MS, options),
    close: () => client.close(),
  };
}

/** A call whose way there and whose way back take half of a round trip each. */
async function afar<T>(call: () => Promise<T>, roundTripMs: number): Promise<T> {
  await setTimeout(roundTripMs / 2);
  try {
    return await call();
  } finally {
    await setTimeout(roundTripMs / 2);
  }
}
