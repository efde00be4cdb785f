import fc from 'fast-check';
import { type BlockCodec, loadBlockCodec, lz4Codec, lz4NapiCodec } from '../../../agent/checkpoint/block-codec';

const codecs = [lz4Codec(), lz4NapiCodec()].filter((codec): codec is BlockCodec => codec !== null);
const pairs = codecs.flatMap((writer) => codecs.map((reader) => [writer.name, reader.name, writer, reader] as const));

/** Like memory: runs of one byte, repeated words and noise. */
const pages = fc
  .array(
    fc.oneof(
      fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 5000 })).map(([byte, length]) => Buffer.alloc(length, byte)),
      fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

describe('LZ4 block codecs', () => {
  it('has at least the prebuilt one', () => {
    expect(codecs.map((codec) => codec.name)).toContain('lz4-napi');
    expect(loadBlockCodec().name).toBe(codecs[0]?.name);
  });

  it.each(pairs)('what %s writes, %s reads', (_writer, _reader, writer, reader) => {
    fc.assert(
      fc.property(pages, (plain) => {
        const block = Buffer.alloc(writer.bound(plain.length));
        const length = writer.compress(plain, block);
        const back = Buffer.alloc(plain.length);
        // 0: the writer saw that it does not shrink; the sealed format then stores it as it is.
        if (length === 0) return;
        reader.decompress(block.subarray(0, length), back);
        expect(back.equals(plain)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each(codecs.map((codec) => [codec.name, codec] as const))(
    '%s shrinks zeroes and refuses garbage',
    (_name, codec) => {
      const plain = Buffer.alloc(1024 * 1024);
      const block = Buffer.alloc(codec.bound(plain.length));
      const length = codec.compress(plain, block);
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThan(10_000);
      expect(() => codec.decompress(block.subarray(0, length), Buffer.alloc(1000))).toThrow();
      expect(() => codec.decompress(Buffer.alloc(100, 0xff), Buffer.alloc(1000))).toThrow();
    },
  );
});
