import { Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { isPlatformError, type PlatformError } from '../../core/error/platform-error';
import type {
  AcquireReply,
  AcquireRequest,
  AgentMessage,
  CheckpointRef,
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
import { openEndpointStream, type EndpointListener, type EndpointStream } from './endpoint-stream';
import { errorOfStatus, isAgentAnswer } from './status-error';
import { fromWireAcquireReply, type WireAcquireReply } from './wire-form';

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds after which the call fails with `unavailable`; each method has a fitting default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * One agent, seen from a gateway or a control worker. Every failure is a PlatformError: the agent's own, or
 * `unavailable` when it cannot be reached. One client per agent and process; it reconnects by itself.
 */
export interface AgentClient {
  readonly address: string;
  /** Waits for an agent that restarts, until the request's deadline. */
  acquire(request: AcquireRequest, options?: Pick<CallOptions, 'signal'>): Promise<AcquireReply>;
  /** Opens the stream and keeps it open, with reconnects, until it is closed. */
  endpoints(gatewayId: string, listener: EndpointListener): EndpointStream;
  setTargets(request: SetTargetsRequest, options?: CallOptions): Promise<SetTargetsReply>;
  startTemplate(request: StartTemplateRequest, options?: CallOptions): Promise<StartTemplateReply>;
  checkpoint(request: CheckpointRequest, options?: CallOptions): Promise<CheckpointReply>;
  seal(request: CheckpointRef, options?: CallOptions): Promise<SealReply>;
  verify(request: CheckpointRef, options?: CallOptions): Promise<VerifyReply>;
  publish(request: PublishRequest, options?: CallOptions): Promise<void>;
  dropCheckpoint(request: CheckpointRef, options?: CallOptions): Promise<void>;
  releaseTemplate(request: ReleaseTemplateRequest, options?: CallOptions): Promise<void>;
  retire(request: RetireRequest, options?: CallOptions): Promise<EndedReply>;
  drain(request: DrainRequest, options?: CallOptions): Promise<EndedReply>;
  stats(options?: CallOptions): Promise<StatsReply>;
  close(): void;
}

/** The agent answers at its deadline; this much later the call is given up. */
const ANSWER_MARGIN_MS = 2_000;
const RETRY_PAUSE_MS = 50;
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
};

/**
 * @param address gRPC target of the agent: `unix:/path` or `host:port`
 * @param tls for `host:port`: both sides show a certificate
 */
export function createAgentClient(address: string, tls?: AgentTlsSettings): AgentClient {
  const client = new Client(address, clientCredentials(address, tls), CHANNEL_OPTIONS);
  const methods = agentService();

  const call = <Request extends object, Reply>(
    name: AgentMethod,
    request: Request,
    timeoutMs: number,
    options: CallOptions & { readonly waitForReady?: boolean } = {},
  ): Promise<Reply> =>
    new Promise<Reply>((resolve, reject) => {
      const method = methods[name];
      const metadata = new Metadata({ waitForReady: options.waitForReady ?? false });
      const deadline = Date.now() + (options.timeoutMs ?? timeoutMs);
      const { signal } = options;
      const cancel = (): void => pending.cancel();
      const pending = client.makeUnaryRequest<object, object>(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        { deadline },
        (error, reply) => {
          signal?.removeEventListener('abort', cancel);
          if (error) reject(transportAware(error, name));
          else resolve(reply as Reply);
        },
      );
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
    });

  /** An agent that dies with a request in its queue answers nothing: ask its successor while there is time. */
  const acquire: AgentClient['acquire'] = async (request, options = {}) => {
    const end = Date.now() + request.deadlineMs;
    for (let left = request.deadlineMs; ; left = end - Date.now()) {
      try {
        const wire = await call<AcquireRequest, WireAcquireReply>(
          'Acquire',
          { ...request, deadlineMs: left },
          left + ANSWER_MARGIN_MS,
          { ...options, waitForReady: true },
        );
        return fromWireAcquireReply(wire);
      } catch (error) {
        const again = isTransportFailure(error) && !options.signal?.aborted && end - Date.now() > RETRY_PAUSE_MS;
        if (!again) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
      }
    }
  };

  return {
    address,
    acquire,
    endpoints: (gatewayId, listener) =>
      openEndpointStream({
        gatewayId,
        listener,
        connect: () => {
          const { path, requestSerialize, responseDeserialize } = methods.Endpoints;
          const stream = client.makeBidiStreamRequest<object, object>(path, requestSerialize, responseDeserialize);
          return {
            write: (message: GatewayMessage) => void stream.write(message),
            cancel: () => stream.cancel(),
            onMessage: (handler) => void stream.on('data', (message: AgentMessage) => handler(message)),
            onEnd: (handler) => {
              stream.on('error', (error: ServiceError) => handler(errorOfStatus(error, 'Endpoints')));
              stream.on('end', () => handler(null));
            },
          };
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
    close: () => client.close(),
  };
}

const transportFailures = new WeakSet<PlatformError>();

function transportAware(error: ServiceError, method: string): PlatformError {
  const failure = errorOfStatus(error, method);
  if (!isAgentAnswer(error) && failure.code === 'unavailable') transportFailures.add(failure);
  return failure;
}

function isTransportFailure(error: unknown): boolean {
  return isPlatformError(error) && transportFailures.has(error);
}
