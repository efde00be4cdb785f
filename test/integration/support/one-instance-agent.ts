import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { agentService } from '../../../agent/rpc/agent-service';

export interface GatewayMessage {
  readonly hello?: { readonly instanceIds: string[] } | null;
  readonly release?: { readonly instanceId: string } | null;
}

/** An agent of one instance, on the real wire. `told` gets what gateways say to it. */
export async function startOneInstanceAgent(
  address: string,
  socketPath: string,
  told: GatewayMessage[] = [],
): Promise<Server> {
  const server = new Server();
  const never = (_: unknown, callback: sendUnaryData<object>): void => callback({ code: 12, details: 'not here' });
  const handlers = Object.fromEntries(Object.keys(agentService()).map((name) => [name, never]));
  server.addService(agentService(), {
    ...handlers,
    Acquire: (_: ServerUnaryCall<object, object>, callback: sendUnaryData<object>) =>
      callback(null, {
        instanceId: 'i1',
        endpoint: { unixPath: socketPath },
        kind: 'cold',
        cause: 'first',
        queueMs: 0,
        sandboxMs: 1,
        readyMs: 1,
        lingerMs: 5_000,
        checkpointId: '',
      }),
    Endpoints: (stream: ServerDuplexStream<GatewayMessage, object>) => {
      stream.on('data', (message: GatewayMessage) => {
        told.push(message);
        if (message.hello) stream.write({ welcome: { node: 'local', tier: 'central', unknownInstanceIds: [] } });
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
