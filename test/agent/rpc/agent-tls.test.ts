import { Server, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { createAgentClient } from '../../../agent/rpc/agent-client';
import { agentService } from '../../../agent/rpc/agent-service';
import { isLocalTarget, serverCredentials, type AgentTlsSettings } from '../../../agent/rpc/agent-tls';
import { TestAuthority } from '../../gateway/tls/test-authority';
import { freePort } from '../../integration/support/eventually';

let authority: TestAuthority;
let foreign: TestAuthority;
let server: Server;
let address: string;
let calls = 0;

beforeAll(async () => {
  authority = new TestAuthority();
  foreign = new TestAuthority();
  server = new Server();
  const answer = (_: ServerUnaryCall<object, object>, callback: sendUnaryData<object>): void => {
    calls++;
    callback(null, { node: 'local', driver: 'simulated' });
  };
  server.addService(agentService(), Object.fromEntries(Object.keys(agentService()).map((name) => [name, answer])));
  address = `127.0.0.1:${await freePort()}`;
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(address, serverCredentials(address, identity('agent')), (error) =>
      error ? reject(error) : resolve(),
    ),
  );
});
afterAll(() => {
  server.forceShutdown();
  authority.remove();
  foreign.remove();
});

const identity = (name: string): AgentTlsSettings => ({ ca: authority.ca, ...authority.issue(name) });

async function ask(tls: AgentTlsSettings | undefined): Promise<string> {
  const client = createAgentClient(address, tls);
  try {
    return (await client.stats({ timeoutMs: 3_000 })).driver;
  } finally {
    client.close();
  }
}

test('who has a certificate of the authority is answered', async () => {
  expect(await ask(identity('gateway'))).toBe('simulated');
});

test.each<[string, () => AgentTlsSettings | undefined]>([
  ['plain text', () => undefined],
  ['a certificate of another authority', () => ({ ca: authority.ca, ...foreign.issue('gateway') })],
  ['trust in another authority than the agent’s', () => ({ ca: foreign.ca, ...authority.issue('gateway') })],
])('%s gets no answer, and the agent hears no call', async (_, tls) => {
  const before = calls;
  await expect(ask(tls())).rejects.toMatchObject({ code: 'unavailable' });
  expect(calls).toBe(before);
});

test('a file that is missing is named', () => {
  const settings = { ...identity('gateway'), key: '/nowhere' };
  expect(() => createAgentClient(address, settings)).toThrow(/agent\.tls\.key: the file \/nowhere cannot be read/);
});

test('what stays on this machine needs no certificate', () => {
  const local = ['unix:/run/a.sock', '127.0.0.1:70', '[::1]:70', 'localhost:70'];
  expect(local.map(isLocalTarget)).toEqual([true, true, true, true]);
  const far = ['10.0.0.1:70', 'node-1:70', '0.0.0.0:70', '127.0.0.1.evil.example:70', 'localhost.evil:70', '[::]:70'];
  expect(far.map(isLocalTarget)).toEqual(far.map(() => false));
});
