import { existsSync } from 'node:fs';
import path from 'node:path';
import { ask } from '../ask';
import { waitFor } from '../wait-for';
import { nodeFunction } from './node-function';
import { pythonFunction } from './python-function';
import { ShimProcess, type ShimRuntime } from './shim-process';

describe.each(['nodejs', 'python'] as const)('the %s shim without code', (runtime: ShimRuntime) => {
  const files: Record<string, string> =
    runtime === 'nodejs' ? { 'index.js': nodeFunction } : { 'main.py': pythonFunction };
  const handler = runtime === 'nodejs' ? 'index.handler' : 'main.handler';
  let shim: ShimProcess;
  let socket: string;

  beforeEach(async () => {
    // relative: it is where the process begins
    shim = new ShimProcess(runtime, { files, handler: 'nobody.nothing', env: { PRESAGE_BLANK: 'blank.sock' } });
    socket = path.join(shim.folder, 'code/blank.sock');
    await waitFor('it to answer', async () => (await tell('GET', '/_presage/health')) === 200);
  });
  afterEach(() => shim.close());

  async function tell(method: string, target: string, body?: string): Promise<number> {
    return (await ask({ kind: 'unix', path: socket }, target, { method, ...(body === undefined ? {} : { body }) }))
      .status;
  }

  const instructions = (more: Record<string, string> = {}): string =>
    JSON.stringify({
      environment: {
        PRESAGE_HANDLER: handler,
        PRESAGE_CODE: path.join(shim.folder, 'code'),
        PRESAGE_INSTANCE: 'mine',
        ...more,
      },
    });

  test('becomes the function that it is told, once', async () => {
    expect(existsSync(path.join(shim.folder, 'http.sock'))).toBe(false);
    expect(await tell('POST', '/_presage/become', instructions({ BULK: 'ü'.repeat(300_000) }))).toBe(200);
    await shim.ready();
    expect((await shim.ask('/text')).text).toBe('tëxt');
    expect(existsSync(socket)).toBe(false);
    expect((await shim.ask('/_presage/become', { method: 'POST', body: instructions() })).status).toBe(404);
  });

  test('does nothing else before', async () => {
    expect(await tell('GET', '/text')).toBe(404);
    expect(await tell('POST', '/_presage/after-restore')).toBe(404);
    expect(await tell('GET', '/_presage/health')).toBe(200);
  });

  test('a handler that cannot be loaded ends it as it ends any shim', async () => {
    await tell('POST', '/_presage/become', instructions({ PRESAGE_HANDLER: 'missing.handler' }));
    expect(await shim.ended()).toEqual({ code: 78, signal: null });
    expect(shim.text()).toContain('cannot load handler missing.handler');
  });
});
