import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parse } from 'yaml';
import { checkpointMoment, parseManifest, type Manifest } from '../../core/function/manifest';
import { assetPath } from '../../drivers/asset-path';
import type { Answer } from '../drivers/sandbox/ask';
import { ShimProcess } from '../drivers/sandbox/runtimes/shim-process';

const json = { 'content-type': 'application/json' };
const CHAIN = ['cart', 'inventory', 'tax', 'payment'] as const;
const FOLDERS = ['hello-node', 'hello-python', 'heavy-node', ...CHAIN.map((name) => `chain/${name}`)];

const folderOf = (folder: string): string => assetPath(path.join('examples', folder));
const textOf = (folder: string, file: string): string => readFileSync(path.join(folderOf(folder), file), 'utf8');
const manifestOf = (folder: string): Manifest => parseManifest(parse(textOf(folder, 'function.yaml')));

describe('examples', () => {
  const open: ShimProcess[] = [];

  /** Serves an example as its manifest says. */
  async function serve(folder: string, env: Record<string, string> = {}): Promise<ShimProcess> {
    const { runtime, handler, env: own } = manifestOf(folder).spec;
    if (runtime === 'http' || !handler) throw new Error(`${folder} has no handler`);
    const shim = new ShimProcess(runtime, { codeDir: folderOf(folder), handler, env: { ...own, ...env } });
    open.push(shim);
    return shim.ready();
  }

  /** Sends what the manifest warms up with. */
  async function warmUp(shim: ShimProcess, folder: string): Promise<Answer[]> {
    const answers = [];
    for (const { method, path: target, headers, body } of manifestOf(folder).spec.checkpoint.warmUp) {
      answers.push(await shim.ask(target, { method, headers, ...(body === undefined ? {} : { body }) }));
    }
    return answers;
  }

  afterEach(async () => {
    for (const shim of open.splice(0)) await shim.close();
  });

  test.each(FOLDERS)('%s: its manifest is valid and bears its name', (folder) => {
    const manifest = manifestOf(folder);
    expect(manifest.metadata.name).toBe(path.basename(folder));
    const { warmUp: requests, when } = manifest.spec.checkpoint;
    expect([checkpointMoment(manifest), when]).toEqual([requests.length > 0 ? 'deploy' : 'first-request', undefined]);
  });

  test.each(['hello-node', 'hello-python'])(
    '%s greets',
    async (folder) => {
      const shim = await serve(folder);
      for (const answer of await warmUp(shim, folder)) expect(answer.status).toBe(200);
      const { hello, served, startedAt } = JSON.parse((await shim.ask('/?name=Ada')).text);
      expect([hello, served]).toEqual(['Ada', 2]);
      expect(new Date(startedAt).getTime()).toBeLessThanOrEqual(Date.now());
      expect(JSON.parse((await shim.ask('/')).text).hello).toBe('world');
      await shim.line('greeting Ada');
      if (folder === 'hello-python') expect((await shim.ask('/stream?name=Ada')).text).toBe('hello Ada\n');
    },
    30_000,
  );

  test('heavy-node transpiles and checks what is posted', async () => {
    execFileSync(process.execPath, [path.join(folderOf('heavy-node'), 'prepare.js')]);
    const shim = await serve('heavy-node');
    for (const answer of await warmUp(shim, 'heavy-node')) {
      expect(JSON.parse(answer.text)).toEqual({ javascript: expect.stringContaining('reduce'), diagnostics: [] });
    }
    const code = 'const n: number = 1;\nexport const s: string = n;\nconsole.log(new URL(s));';
    const { javascript, diagnostics } = JSON.parse(
      (await shim.ask('/', { body: JSON.stringify({ code }), headers: json })).text,
    );
    expect(javascript).toContain('export const s = n;');
    expect(diagnostics).toEqual([
      { line: 2, character: 14, code: 'TS2322', message: "Type 'number' is not assignable to type 'string'." },
    ]);
    expect((await shim.ask('/', { body: '{}', headers: json })).status).toBe(400);
    expect((await shim.ask('/')).text).toContain('usage');
  }, 60_000);

  describe('the chain', () => {
    let gateway: Server;
    let cart: ShimProcess;
    const shims = new Map<string, ShimProcess>();
    const called: string[] = [];

    beforeEach(async () => {
      called.length = 0;
      gateway = createServer((incoming, outgoing) => {
        const name = /^\/fn\/default\/(\w+)\/$/.exec(incoming.url ?? '')?.[1] ?? '';
        called.push(name);
        const target = shims.get(name);
        if (!target) return void outgoing.writeHead(404).end('{"error":"no such function"}');
        const socketPath = path.join(target.folder, 'http.sock');
        const { method, headers } = incoming;
        const onward = request({ socketPath, path: '/', method, headers, agent: false }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        });
        incoming.pipe(onward);
      });
      await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
      const PRESAGE_GATEWAY_URL = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
      const platform = { PRESAGE_GATEWAY_URL, PRESAGE_TENANT: 'default' };
      const started = CHAIN.map(async (name) => shims.set(name, await serve(`chain/${name}`, platform)));
      await Promise.all(started);
      cart = shims.get('cart')!;
    }, 30_000);

    afterEach(async () => {
      shims.clear();
      gateway.closeAllConnections();
      await new Promise((resolve) => gateway.close(resolve));
    });

    const order = (body: unknown): Promise<Answer> => cart.ask('/', { body: JSON.stringify(body), headers: json });

    test('calls each function in turn; the sum is right to the cent', async () => {
      const items = [
        { sku: 'bread', quantity: 2 },
        { sku: 'lamp', quantity: 1 },
        { sku: 'bread', quantity: 1 },
      ];
      const answer = await order({ country: 'DE', card: '4242424242424242', items });
      const receipt = JSON.parse(answer.text);
      expect(called).toEqual(['inventory', 'tax', 'payment']);
      // 3 × 3.89 + 7 % and 49.99 + 19 %
      expect([answer.status, receipt.paidCents, receipt.currency, receipt.card]).toEqual([
        200,
        1167 + 82 + 4999 + 950,
        'EUR',
        '…4242',
      ]);
      expect(answer.text + [...shims.values()].map((shim) => shim.text()).join()).not.toContain('4242424242424242');
      for (const name of CHAIN)
        for (const each of await warmUp(shims.get(name)!, `chain/${name}`)) expect(each.status).toBe(200);
    }, 30_000);

    test('says what is wrong, whoever finds it', async () => {
      const good = { country: 'DE', card: '4242424242424242', items: [{ sku: 'lamp', quantity: 1 }] };
      const wrong: [object, number, string][] = [
        [{ items: [{ sku: 'lamp', quantity: 0 }] }, 400, 'quantity'],
        [{ items: [{ sku: 'moon', quantity: 1 }] }, 404, 'there is no moon'],
        [{ items: [{ sku: 'lamp', quantity: 9 }] }, 409, '3 of lamp are left'],
        [{ country: 'XX' }, 400, 'the tax of XX'],
        [{ card: '4242424242424241' }, 402, 'card number'],
      ];
      for (const [change, status, text] of wrong) {
        const answer = await order({ ...good, ...change });
        expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
      }
      shims.delete('tax');
      expect((await order(good)).status).toBe(404);
      gateway.closeAllConnections();
      await new Promise((resolve) => gateway.close(resolve));
      const answer = await order(good);
      expect([answer.status, JSON.parse(answer.text).error]).toEqual([
        503,
        expect.stringContaining('inventory cannot be reached'),
      ]);
    }, 30_000);

    test('each says what it is for when it is merely asked', async () => {
      for (const [name, shim] of shims)
        expect(JSON.parse((await shim.ask('/')).text)).toHaveProperty(name === 'tax' ? 'rates' : name);
    });
  });

  test('what the chain calls with is the same in each', () => {
    const [cart, inventory, tax] = CHAIN.slice(0, 3).map((name) => textOf(`chain/${name}`, 'call-function.js'));
    expect([inventory, tax]).toEqual([cart, cart]);
  });
});
