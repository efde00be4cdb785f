import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import { PlatformError } from '../../../core/error/platform-error';
import { Reflector } from '../../../drivers/kubernetes/rest/reflector';
import type { ApiCall } from '../../../drivers/kubernetes/rest/transport';
import { namespacedType } from '../../../drivers/kubernetes/resource-type';

const CONFIG_MAPS = namespacedType<ConfigMap>('v1', 'ConfigMap', 'configmaps');

const map = (name: string, version: number): ConfigMap => ({
  metadata: { name, namespace: 'n', resourceVersion: String(version) },
});

/** An API server by script: what it has, and the watches that are open. */
class ScriptedServer {
  items: ConfigMap[] = [];
  version = 1;
  /** Failures of the next calls, first come first. */
  refusals: PlatformError[] = [];
  readonly calls: string[] = [];
  readonly watches: PassThrough[] = [];

  readonly send = async (call: ApiCall): Promise<unknown> => {
    this.#note(call);
    return { items: this.items, metadata: { resourceVersion: String(this.version) } };
  };

  readonly open = async (call: ApiCall, signal: AbortSignal): Promise<IncomingMessage> => {
    this.#note(call);
    const stream = new PassThrough();
    signal.addEventListener('abort', () => stream.destroy(new Error('aborted')), { once: true });
    this.watches.push(stream);
    return stream as unknown as IncomingMessage;
  };

  tell(type: string, object: object, text = `${JSON.stringify({ type, object })}\n`): void {
    this.watches.at(-1)?.write(text);
  }

  #note({ verb, path }: ApiCall): void {
    const refusal = this.refusals.shift();
    const from = new URL(path, 'http://x').searchParams.get('resourceVersion');
    this.calls.push(`${verb}${from === null ? '' : ` ${from}`}${refusal ? ` ${refusal.code}` : ''}`);
    if (refusal) throw refusal;
  }
}

let server: ScriptedServer;
let seen: string[];
let troubles: string[];
let relists: number;
let reflector: Reflector<ConfigMap>;

beforeEach(() => {
  server = new ScriptedServer();
  [seen, troubles, relists] = [[], [], 0];
});
afterEach(() => reflector.stop());

function start(): void {
  reflector = new Reflector(server, { relisted: () => (relists += 1) }, CONFIG_MAPS, {
    onChange: ({ type, object }) => seen.push(`${type} ${object.metadata?.name} ${object.metadata?.resourceVersion}`),
    onError: ({ code }) => troubles.push(code),
  });
}
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};
const gone = (): PlatformError => new PlatformError('precondition_failed', 'too old');

test('a watch that ends is gone on with where it ended, bookmarks counted, and nothing is read again', async () => {
  server.items = [map('a', 1)];
  start();
  await until(() => server.watches.length === 1);
  server.tell('MODIFIED', map('a', 2));
  server.tell('BOOKMARK', { metadata: { resourceVersion: '7' } });
  server.watches[0]?.end();
  await until(() => server.watches.length === 2);
  server.tell('DELETED', map('a', 8));
  await until(() => seen.length === 3);
  server.watches[1]?.destroy(new Error('reset'));
  await until(() => server.watches.length === 3);
  expect(server.calls).toEqual(['list', 'watch 1', 'watch 7', 'watch 8']);
  expect(seen).toEqual(['added a 1', 'changed a 2', 'removed a 8']);
  expect(relists).toBe(0);
});

test('lines may come in pieces, and many at once', async () => {
  start();
  await until(() => server.watches.length === 1);
  const line = (name: string, version: number): string =>
    `${JSON.stringify({ type: 'ADDED', object: map(name, version) })}\n`;
  const text = line('a', 2) + line('b', 3) + line('c', 4);
  server.tell('', {}, text.slice(0, 30));
  await new Promise((resolve) => setTimeout(resolve, 5));
  server.tell('', {}, text.slice(30));
  await until(() => seen.length === 3);
  expect([...reflector.objects.keys()]).toEqual(['n/a', 'n/b', 'n/c']);
});

test.each([
  ['in the watch', true],
  ['when it is begun', false],
])('410 %s: the list is read again, and what was missed is told', async (_, within) => {
  server.items = [map('stays', 1), map('goes', 1), map('changes', 1)];
  start();
  await until(() => server.watches.length === 1);
  server.items = [map('stays', 1), map('changes', 5), map('comes', 6)];
  server.version = 9;
  if (within) server.tell('ERROR', { kind: 'Status', code: 410, message: 'too old resource version' });
  else {
    server.refusals.push(gone());
    server.watches[0]?.end();
  }
  await until(() => server.watches.length === 2);
  expect(seen.slice(3)).toEqual(['removed goes 1', 'changed changes 5', 'added comes 6']);
  expect(server.calls.slice(-2)).toEqual(['list', 'watch 9']);
  expect([relists, troubles]).toEqual([1, []]);
});

test('while nobody answers it is told, and tried again from where it was', async () => {
  const away = (): PlatformError => new PlatformError('unavailable', 'refused');
  server.refusals.push(away());
  server.items = [map('a', 1)];
  start();
  await until(() => server.watches.length === 1);
  server.refusals.push(away(), away());
  server.watches[0]?.end();
  await until(() => server.watches.length === 2);
  expect(server.calls).toEqual([
    'list unavailable',
    ...['list', 'watch 1', 'watch 1 unavailable', 'watch 1 unavailable', 'watch 1'],
  ]);
  expect(troubles).toEqual(['unavailable', 'unavailable', 'unavailable']);
});

test('stopped before the first list, it ends, and whoever waits for the list goes on', async () => {
  server.refusals.push(new PlatformError('unavailable', 'refused', { retryAfterSeconds: 3600 }));
  start();
  await until(() => troubles.length === 1);
  await reflector.stop();
  await reflector.synced;
  expect(seen).toEqual([]);
});
