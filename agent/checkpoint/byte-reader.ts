/** Takes exact amounts of bytes out of a stream of chunks of any size. */
export class ByteReader {
  private readonly source: AsyncIterator<Buffer>;
  private readonly queue: Buffer[] = [];
  private queued = 0;
  private ended = false;

  /** `cutShort` makes the error for a stream that ends too early. */
  constructor(
    source: AsyncIterable<Buffer>,
    private readonly cutShort: () => Error,
  ) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** The next bytes without taking them; fewer only where the stream ends. */
  async peek(count: number): Promise<Buffer> {
    await this.fill(count);
    const all = this.queue.length === 1 ? (this.queue[0] as Buffer) : Buffer.concat(this.queue);
    this.queue.splice(0, this.queue.length, all);
    return all.subarray(0, count);
  }

  async take(count: number): Promise<Buffer> {
    const bytes = await this.peek(count);
    if (bytes.length < count) throw this.cutShort();
    this.queue[0] = (this.queue[0] as Buffer).subarray(count);
    this.queued -= count;
    return bytes;
  }

  /** @throws what `surplus` makes, unless the stream ends here */
  async end(surplus: () => Error): Promise<void> {
    await this.fill(1);
    if (this.queued > 0) throw surplus();
  }

  private async fill(count: number): Promise<void> {
    while (this.queued < count && !this.ended) {
      const next = await this.source.next();
      if (next.done) this.ended = true;
      else if (next.value.length > 0) {
        this.queue.push(next.value);
        this.queued += next.value.length;
      }
    }
  }
}
