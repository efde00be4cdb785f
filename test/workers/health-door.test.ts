import { createServer, type AddressInfo } from 'node:net';
import { Counter } from 'prom-client';
import { openHealthDoor } from '../../workers/health-door';
import { processMetrics } from '../../workers/process-metrics';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('lives while it runs, is ready while nothing is said against it', async () => {
  const port = await freePort();
  let reason: string | null = null;
  const door = await openHealthDoor({ host: '127.0.0.1', port }, () => reason);
  const get = async (path: string): Promise<[number, unknown]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.json()];
  };
  expect(await get('/readyz?verbose')).toEqual([200, { status: 'ok' }]);
  reason = 'is stopping';
  expect(await get('/readyz')).toEqual([503, { status: 'is stopping' }]);
  expect(await get('/livez')).toEqual([200, { status: 'ok' }]);
  expect((await get('/metrics'))[0]).toBe(404);
  await expect(openHealthDoor({ host: '127.0.0.1', port }, () => null)).rejects.toThrow(
    `The health door cannot listen on 127.0.0.1:${port}`,
  );
  await door.close();
  await expect(get('/livez')).rejects.toThrow();
});

test('shows metrics where it is given some', async () => {
  const port = await freePort();
  const metrics = processMetrics('control');
  new Counter({ name: 'presage_test_total', help: 'Of this test.', registers: [metrics] }).inc(2);
  const door = await openHealthDoor({ host: '127.0.0.1', port }, () => null, metrics);
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, metrics.contentType]);
  const text = await answer.text();
  for (const line of ['presage_test_total 2', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds'])
    expect(text).toContain(line);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual({
    status: 'is /livez or /readyz or /metrics',
  });
  await door.close();
});

test('there is none without settings', async () => {
  await (await openHealthDoor(undefined, () => null)).close();
});

test('tells metrics of the process where it has them', async () => {
  const port = await freePort();
  const door = await openHealthDoor({ host: '127.0.0.1', port }, () => null, processMetrics('control'));
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  const text = await response.text();
  expect(text).toContain('presage_process_info{process="control"');
  expect(text).toContain('process_cpu_seconds_total');
  await door.close();
});
