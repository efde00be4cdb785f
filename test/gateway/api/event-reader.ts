/** One server-sent event as it came over the wire. */
export interface ReadEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** Reads a stream of server-sent events; comments are counted, not given. */
export class EventReader {
  comments = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #abort: AbortController;
  #text = '';

  private constructor(body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.#reader = body.getReader();
    this.#abort = abort;
  }

  static async open(url: string, headers: Record<string, string>): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: abort.signal });
    if (response.status !== 200 || !response.body) throw new Error(`${response.status} ${await response.text()}`);
    return new EventReader(response.body, abort);
  }

  /** The next `count` blocks that carry an id; null in place of one when the stream has ended. */
  async take(count: number): Promise<(ReadEvent | null)[]> {
    const taken: (ReadEvent | null)[] = [];
    while (taken.length < count) {
      const block = await this.block();
      if (block === null) taken.push(null);
      else if (block.startsWith(':')) this.comments++;
      else if (!block.startsWith('retry:')) taken.push(parse(block));
      if (block === null) break;
    }
    return taken;
  }

  /** The next block of lines, whatever it is; null at the end. */
  async block(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return block;
      }
      const { done, value } = await this.#reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || !value) return null;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  close(): void {
    this.#abort.abort();
  }
}

function parse(block: string): ReadEvent {
  return Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
}
