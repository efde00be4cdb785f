import { DATA_KEY_BYTES, masterKeyId, NONCE_BYTES, unwrapDataKey, wrapDataKey } from '../../../core/crypto/data-key';

const master = Buffer.alloc(32, 1);
const owner = { tenant: 'acme', version: 2 };
const dataKey = Buffer.alloc(DATA_KEY_BYTES, 5);
const wrapped = wrapDataKey(master, owner, dataKey, Buffer.alloc(NONCE_BYTES, 6));

test('a data key comes back under its own master key, tenant and version alone', () => {
  expect(unwrapDataKey(master, owner, wrapped).equals(dataKey)).toBe(true);
  expect(wrapped.includes(dataKey.subarray(0, 8))).toBe(false);
  expect(() => unwrapDataKey(Buffer.alloc(32, 2), owner, wrapped)).toThrow('cannot be opened');
  expect(() => unwrapDataKey(master, { ...owner, tenant: 'rival' }, wrapped)).toThrow('cannot be opened');
  expect(() => unwrapDataKey(master, { ...owner, version: 1 }, wrapped)).toThrow('cannot be opened');
});

test('no altered or shortened byte passes', () => {
  for (let at = 0; at < wrapped.length; at += 1) {
    const altered = Buffer.from(wrapped);
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect(() => unwrapDataKey(master, owner, altered)).toThrow('cannot be opened');
    expect(() => unwrapDataKey(master, owner, wrapped.subarray(0, at))).toThrow('cannot be opened');
  }
});

test('a master key is named by something that does not tell it', () => {
  expect(masterKeyId(master)).toMatch(/^[0-9a-f]{16}$/);
  expect(masterKeyId(master)).not.toBe(masterKeyId(Buffer.alloc(32, 2)));
  expect(master.toString('hex')).not.toContain(masterKeyId(master));
});
