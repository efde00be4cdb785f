import {
  assertBelongs,
  chunkNonce,
  encodeHeader,
  imageBytes,
  parseHeader,
  type SealedHeader,
} from '../../../core/checkpoint/sealed-format';

const header: SealedHeader = {
  tenant: 'acme',
  revisionId: 'r1',
  codeDigest: 'sha256:aa',
  hostKey: 'linux-6',
  checkpointId: 'c1',
  salt: 'ab'.repeat(32),
  files: [{ name: 'pages-1.img', bytes: 5000 }],
};

describe('sealed format', () => {
  it('reads back its header as soon as all of it is there', () => {
    const bytes = encodeHeader(header);
    for (let length = 0; length < bytes.length; length += 1) expect(parseHeader(bytes.subarray(0, length))).toBeNull();
    expect(parseHeader(Buffer.concat([bytes, Buffer.from('more')]))).toEqual({ header, length: bytes.length });
  });

  it.each(['../pages', 'a/b', '..', '', '.', 'x\0y'])('refuses a header with a file called %j', (name) => {
    const json = Buffer.from(JSON.stringify({ ...header, files: [{ name, bytes: 1 }] }));
    const prefix = Buffer.alloc(12);
    prefix.write('PRSGCKP1');
    prefix.writeUInt32BE(json.length, 8);
    expect(() => parseHeader(Buffer.concat([prefix, json]))).toThrow('header is damaged');
  });

  it('refuses two files of one name, and what is no sealed checkpoint at all', () => {
    const twice = { ...header, files: [...header.files, ...header.files] };
    expect(() => parseHeader(encodeHeader(twice))).toThrow('header is damaged');
    expect(() => parseHeader(Buffer.from('<!doctype html><html></html>'))).toThrow('does not start like');
    const huge = encodeHeader(header);
    huge.writeUInt32BE(0xffffffff, 8);
    expect(() => parseHeader(huge)).toThrow('does not start like');
  });

  it.each([
    [{ tenant: 'rival' }, 'another tenant'],
    [{ codeDigest: 'sha256:bb' }, 'other code'],
    [{ revisionId: 'r2' }, 'another revision'],
    [{ hostKey: 'linux-7' }, 'host that differs'],
  ])('belongs to nobody else: %j', (change, why) => {
    expect(() => assertBelongs(header, 'c1', { ...header, ...change })).toThrow(why);
    expect(() => assertBelongs(header, 'c1', header)).not.toThrow();
    expect(() => assertBelongs(header, 'c2', header)).toThrow('another checkpoint');
  });

  it('counts whole pages and gives every chunk its own nonce', () => {
    expect(
      imageBytes([
        { name: 'a', bytes: 1 },
        { name: 'b', bytes: 4096 },
        { name: 'c', bytes: 0 },
      ]),
    ).toBe(8192);
    expect(chunkNonce(1).equals(chunkNonce(2 ** 33 + 1))).toBe(false);
  });
});
