import path from 'node:path';
import { createAgentClient } from '../../agent/rpc/agent-client';
import { jsonOf } from '../../bench/harness/http-probe';
import { FarNode } from './support/far-node';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

let platform: TestPlatform;
let far: FarNode;

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__SANDBOX: 'process' });
  far = await FarNode.of(platform, 'far-1', { apart: false });
});
afterAll(async () => {
  await far.remove();
  await platform.stop();
});

test('an agent joins by a token over mutual TLS, and serves a function', async () => {
  const token = (await platform.cli('node', 'join-token', 'far-1', '--region', 'us')).stdout.trim();
  const joined = await far.join(token);
  expect(joined).toMatchObject({ code: 0, stdout: expect.stringContaining('Node far-1 may join') as string });
  expect(joined.stderr).not.toContain('Missing');
  const again = await far.join(token);
  expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('used or past its time')]);

  far.start();
  await until('it is heard', async () => (await platform.probe.send('/v1/nodes/far-1')).status === 200);
  await platform.cli('node', 'cordon', 'local');
  await until('the gateway speaks with it', async () => {
    const { nodes } = jsonOf<{ nodes: { name: string; reachable: boolean }[] }>(
      await platform.probe.send('/v1/status'),
    );
    return nodes.some(({ name, reachable }) => name === 'far-1' && reachable);
  });
  const source = { 'index.js': 'exports.handler = () => "from afar";' };
  await platform.deploy('far', { public: true, checkpoint: { when: 'never' } }, source);
  const answer = await fetch(`${platform.url}/fn/default/far/`);
  expect([answer.headers.get('x-presage-node'), await answer.text()]).toEqual(['far-1', 'from afar']);
});

test('who shows no certificate, or one of another agent, is not spoken with', async () => {
  const stranger = createAgentClient(far.address);
  await expect(stranger.stats()).rejects.toMatchObject({ code: 'unavailable' });
  stranger.close();
  const secrets = path.join(far.folder, 'secrets');
  const tls = {
    ca: path.join(secrets, 'authority.crt'),
    cert: path.join(secrets, 'agent.crt'),
    key: path.join(secrets, 'agent.key'),
  };
  const otherAgent = createAgentClient(far.address, { ...tls, serverName: 'far-1.node.presage' });
  await expect(otherAgent.stats()).rejects.toMatchObject({ code: 'forbidden' });
  otherAgent.close();
  const authority = path.join(platform.dataDir, 'secrets', 'authority');
  const platformTls = {
    ca: path.join(authority, 'ca.crt'),
    cert: path.join(authority, 'platform.crt'),
    key: path.join(authority, 'platform.key'),
  };
  const wrongNode = createAgentClient(far.address, { ...platformTls, serverName: 'far-2.node.presage' });
  await expect(wrongNode.stats()).rejects.toMatchObject({ code: 'unavailable' });
  wrongNode.close();
});

test('when it is lost its functions are looked after; taken out, others serve; a new agent brings it back', async () => {
  await far.end('SIGKILL');
  await until('it is lost', async () => (await stateOf('far-1')) === 'lost', 60_000);
  // The only other node is cordoned: nobody takes the function, which is told.
  await until('what becomes of its functions is told', async () => {
    const answer = await platform.probe.send('/v1/events?all=true&types=node.lost,node.drain-stuck');
    const told = jsonOf<{ items: { type: string; node: string }[] }>(answer).items;
    return ['node.lost', 'node.drain-stuck'].every((type) =>
      told.some((event) => event.type === type && event.node === 'far-1'),
    );
  });
  await platform.cli('node', 'uncordon', 'local');
  expect((await platform.cli('node', 'rm', 'far-1', '--yes')).code).toBe(0);
  await until('another node answers', async () => {
    const answer = await fetch(`${platform.url}/fn/default/far/`);
    return answer.status === 200 && answer.headers.get('x-presage-node') === 'local';
  });
  far.start();
  await until('it is back', async () => (await stateOf('far-1')) === 'ready');
});

async function stateOf(name: string): Promise<string | undefined> {
  const answer = await platform.probe.send(`/v1/nodes/${name}`);
  return answer.status === 200 ? jsonOf<{ state: string }>(answer).state : undefined;
}
