import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { PlatformError } from '../../core/error/platform-error';
import { parseEvents, serverEvents, type ServerEvent } from '../../cli/server-events';

async function all(events: AsyncIterable<ServerEvent>): Promise<ServerEvent[]> {
  const found: ServerEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

test('events come out the same however the bytes are cut', async () => {
  const text =
    'retry: 2000\n\n: a comment\n\nid: 1\nevent: log\ndata: {"text":"häß"}\n\nid: 2\ndata: a\ndata:b\r\n\r\nid: 3\n\n';
  const bytes = Buffer.from(text);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 })), async (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const parts = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
      expect(await all(parseEvents(Readable.from(parts, { objectMode: false })))).toEqual([
        { id: '1', type: 'log', data: '{"text":"häß"}' },
        { id: '2', type: 'message', data: 'a\nb' },
        { id: '3', type: 'message', data: '' },
      ]);
    }),
  );
});

test('a broken stream goes on after the last event seen', async () => {
  const stop = new AbortController();
  const asked: (string | null)[] = [];
  const open = async (last: string | null): Promise<Readable> => {
    asked.push(last);
    const stream = new PassThrough();
    if (asked.length === 1) {
      stream.write('id: 7\n\nid: 8\ndata: one\n\n');
      setImmediate(() => stream.destroy(new Error('cut')));
    } else stream.end('id: 9\ndata: two\n\n');
    return stream;
  };
  const seen: string[] = [];
  for await (const event of serverEvents(open, stop.signal)) {
    seen.push(event.data);
    if (seen.length === 2) stop.abort();
  }
  expect(seen).toEqual(['one', 'two']);
  expect(asked).toEqual([null, '8']);
});

test('a first refusal is thrown, for a later one a retry may help', async () => {
  const away = async (): Promise<Readable> => {
    throw new PlatformError('unavailable', 'away');
  };
  await expect(all(serverEvents(away, new AbortController().signal))).rejects.toMatchObject({ code: 'unavailable' });
});
