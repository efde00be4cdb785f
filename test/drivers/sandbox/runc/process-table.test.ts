import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { descriptorOf, isAlive, signal, startTimeOf } from '../../../../drivers/sandbox/runc/process-table';

test('a process is known by its start, and gone when it has ended', async () => {
  const child = spawn('sleep', ['60'], { argv0: 'a (strange) name', stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid ?? 0;
  const startTime = startTimeOf(pid);
  expect(startTime).toBeGreaterThan(0);
  expect(isAlive(pid, startTime ?? 0)).toBe(true);
  expect(isAlive(pid, (startTime ?? 0) + 1)).toBe(false);
  expect(descriptorOf(pid, 1)).toBe('/dev/null');
  expect(descriptorOf(pid, 99)).toBeUndefined();
  signal(pid, 'SIGKILL');
  await once(child, 'exit');
  expect(startTimeOf(pid)).toBeUndefined();
  expect(() => signal(pid, 'SIGKILL')).not.toThrow();
});
