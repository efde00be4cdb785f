import { Server, ServerCredentials, type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'; // prettier-ignore
import { agentService } from '../../../agent/rpc/agent-service';

/** What a gateway says on its stream. */
export interface GatewayMessage {
  readonly hello?: { readonly instanceIds: string[] } | null;
  readonly release?: { readonly instanceId: string } | null;
  readonly acquire?: { readonly call: number } | null;
}

/** An agent of one instance, on the real wire. @param told gets what gateways say */
export async function startOneInstanceAgent(
  address: string,
  socketPath: string,
  told: GatewayMessage[] = [],
  instance: { readonly id: string; readonly lingerMs: number } = { id: 'i1', lingerMs: 5_000 },
): Promise<Server> {
  const server = new Server();
  const never = (_: unknown, callback: sendUnaryData<object>): void => callback({ code: 12, details: 'not here' });
  const handlers = Object.fromEntries(Object.keys(agentService()).map((name) => [name, never]));
  server.addService(agentService(), {
    ...handlers,
    Endpoints: (stream: ServerDuplexStream<GatewayMessage, object>) => {
      stream.on('data', (message: GatewayMessage) => {
        told.push(message);
        if (message.hello)
          stream.write({
            welcome: { node: 'local', tier: 'central', unknownInstanceIds: [], parallelStarts: 2, cores: 2 },
          });
        if (message.acquire) stream.write({ acquired: grantOf(message.acquire.call, socketPath, instance) });
      });
      stream.on('end', () => stream.end());
    },
    Stats: (_: ServerUnaryCall<object, object>, callback: sendUnaryData<object>) =>
      callback(null, { node: 'local', tier: 'central', driver: 'simulated' }),
  });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())),
  );
  return server;
}

function grantOf(call: number, unixPath: string, { id, lingerMs }: { id: string; lingerMs: number }): object {
  return {
    call,
    instanceId: id,
    endpoint: { unixPath },
    kind: 'cold',
    cause: 'first',
    queueMs: 0,
    sandboxMs: 1,
    readyMs: 1,
    lingerMs,
    checkpointId: '',
  };
}
