import { chmod, rm } from 'node:fs/promises';
import {
  Server,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { z } from 'zod';
import { PlatformError } from '../../core/error/platform-error';
import { problemsOf } from '../../core/function/manifest';
import type { AgentLog } from '../agent-log';
import { OwnCertificate } from '../certificate/own-certificate';
import type { NodeAgent } from '../node-agent';
import type { AcquireReply, AgentMessage, GatewayMessage } from './agent-messages';
import { agentService, type AgentMethod } from './agent-service';
import type { AgentTraces } from './agent-traces';
import { serverCredentials, wantsPlatformRole, type AgentTlsSettings } from './agent-tls';
import { forPlatformOnly } from './platform-only';
import {
  acquireSchema,
  checkpointRefSchema,
  checkpointSchema,
  drainSchema,
  dropCheckpointSchema,
  installCertificateSchema,
  publishSchema,
  releaseTemplateSchema,
  retireSchema,
  setTargetsSchema,
  startTemplateSchema,
} from './request-schemas';
import { statusOfError } from './status-error';
import { StreamAcquires } from './stream-acquires';

export interface AgentServer {
  /** Takes no new calls; open streams are cut after `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

const DEFAULT_CLOSE_MS = 500;

/** Who is told of calls. */
interface Witnesses {
  readonly log: AgentLog;
  readonly traces: AgentTraces | undefined;
}

/**
 * Serves one agent by gRPC. A Unix socket is made anew (a killed agent leaves its file) and only its owner may connect.
 *
 * @param address `unix:/path` or `host:port`
 * @param tls for `host:port`: both sides show a certificate
 * @param traces where calls leave their spans; without, none does
 */
export async function serveAgent(
  address: string,
  agent: NodeAgent,
  log: AgentLog,
  tls?: AgentTlsSettings,
  traces?: AgentTraces,
): Promise<AgentServer> {
  const socket = /^unix:(?:\/\/)?(.*)$/.exec(address)?.[1];
  if (socket) await rm(socket, { force: true });
  const server = new Server({
    'grpc.max_receive_message_length': 16 * 2 ** 20,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    ...(wantsPlatformRole(address, tls) ? { interceptors: [forPlatformOnly] } : {}),
  });
  server.addService(agentService(), handlers(agent, { log, traces }, tls && new OwnCertificate(tls)));
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, serverCredentials(address, tls), (error) => (error ? reject(error) : resolve()));
  });
  if (socket) await chmod(socket, 0o600);
  return {
    close: (graceMs = DEFAULT_CLOSE_MS) =>
      new Promise((resolve) => {
        const force = setTimeout(() => server.forceShutdown(), graceMs);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      }),
  };
}

function handlers(
  agent: NodeAgent,
  told: Witnesses,
  certificate: OwnCertificate | undefined,
): UntypedServiceImplementation {
  return {
    Endpoints: endpointsHandler(agent, told),
    SetTargets: unary(told, 'SetTargets', setTargetsSchema, (request) => agent.setTargets(request)),
    StartTemplate: unary(told, 'StartTemplate', startTemplateSchema, (request) => agent.startTemplate(request)),
    Checkpoint: unary(told, 'Checkpoint', checkpointSchema, (request) => agent.checkpoint(request)),
    Seal: unary(told, 'Seal', checkpointRefSchema, (request) => agent.seal(request)),
    Verify: unary(told, 'Verify', checkpointRefSchema, (request) => agent.verify(request)),
    Publish: unary(told, 'Publish', publishSchema, (request) => agent.publish(request)),
    DropCheckpoint: unary(told, 'DropCheckpoint', dropCheckpointSchema, (request) => agent.dropCheckpoint(request)),
    ReleaseTemplate: unary(told, 'ReleaseTemplate', releaseTemplateSchema, (request) => agent.releaseTemplate(request)),
    Retire: unary(told, 'Retire', retireSchema, (request) => agent.retire(request)),
    Drain: unary(told, 'Drain', drainSchema, (request) => agent.drain(request)),
    Stats: unary(told, 'Stats', z.object({}), () => agent.stats()),
    Certificate: unary(told, 'Certificate', z.object({}), () => renewable(certificate).request()),
    InstallCertificate: unary(told, 'InstallCertificate', installCertificateSchema, ({ certificatePem }) =>
      renewable(certificate).install(certificatePem),
    ),
  };
}

function renewable(certificate: OwnCertificate | undefined): OwnCertificate {
  if (certificate) return certificate;
  throw new PlatformError('unsupported', 'This agent has no certificate');
}

function unary<Request, Reply extends object>(
  { log, traces }: Witnesses,
  name: AgentMethod,
  schema: z.ZodType<Request>,
  answer: (request: Request) => Promise<Reply | void> | Reply,
): handleUnaryCall<unknown, object> {
  return (call, callback) => {
    const work = (): Promise<Reply | void> | Reply => answer(parse(schema, call.request));
    Promise.resolve()
      .then(() => (traces ? traces.call(name, call.metadata.get('traceparent')[0]?.toString(), work) : work()))
      .then(
        (reply) => callback(null, reply ?? {}),
        (error: unknown) => callback(failure(log, error)),
      );
  };
}

function endpointsHandler(agent: NodeAgent, { log, traces }: Witnesses): handleBidiStreamingCall<unknown, object> {
  return (call) => {
    const send = (message: AgentMessage): void => void call.write(message);
    const stream = agent.endpoints(send);
    const acquires = new StreamAcquires(
      {
        acquire: async (gatewayId, request, signal) => {
          if (gatewayId === '') throw new PlatformError('invalid_argument', 'A stream begins with Hello');
          const wish = parse(acquireSchema, request);
          const acquire = (): Promise<AcquireReply> => agent.acquire(gatewayId, wish, signal);
          return traces ? traces.acquire(wish, acquire) : acquire();
        },
        undelivered: (gatewayId, instanceId) => agent.undelivered(gatewayId, instanceId),
      },
      send,
      (error) => failure(log, error).details,
    );
    const closed = (): void => {
      acquires.close();
      stream.closed();
      call.end();
    };
    let gatewayId = '';
    call.on('data', (message: GatewayMessage) => {
      try {
        if (message.acquire) acquires.receive(gatewayId, message.acquire);
        else if (message.callOff) acquires.callOff(message.callOff.call);
        else stream.message(message);
        gatewayId = message.hello?.gatewayId ?? gatewayId;
      } catch (error) {
        log.error({ error: String(error) }, 'a message of a gateway failed');
      }
    });
    call.on('end', closed);
    call.on('error', closed);
    call.on('cancelled', closed);
  };
}

function parse<T>(schema: z.ZodType<T>, request: unknown): T {
  const result = schema.safeParse(request);
  if (result.success) return result.data;
  const problems = problemsOf(result.error);
  const lines = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
  throw new PlatformError('invalid_argument', `The call to the agent is not valid: ${lines}`, { problems });
}

function failure(log: AgentLog, error: unknown): ReturnType<typeof statusOfError> {
  const status = statusOfError(error);
  if (status.details.startsWith('{"code":"internal"')) {
    log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a call failed unexpectedly');
  }
  return status;
}
