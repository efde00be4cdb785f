import { inflateRawSync } from 'node:zlib';

const END = { signature: 0x06054b50, size: 22, count: 10, directory: 16 };
const ENTRY = { signature: 0x02014b50, size: 46, method: 10, packed: 20, name: 28, extra: 30, comment: 32, at: 42 };
const HEADER = { size: 30, name: 26, extra: 28 };
const [STORED, DEFLATED] = [0, 8];

/**
 * The files of a zip archive (APPNOTE.TXT of PKWARE, sections 4.3.7 to 4.3.16) below 4 GB and 65,536 entries, with no comment at its end.
 * @throws Error for anything else
 */
export function* filesOfZip(zip: Buffer): Generator<[name: string, content: Buffer]> {
  const end = zip.length - END.size;
  if (end < 0 || zip.readUInt32LE(end) !== END.signature) throw new Error('what came is no zip archive, or cut off');
  let at = zip.readUInt32LE(end + END.directory);
  for (let left = zip.readUInt16LE(end + END.count); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY.signature) throw new Error('the directory of the zip archive is damaged');
    const nameLength = zip.readUInt16LE(at + ENTRY.name);
    const name = zip.toString('utf8', at + ENTRY.size, at + ENTRY.size + nameLength);
    const header = zip.readUInt32LE(at + ENTRY.at);
    const begin =
      header + HEADER.size + zip.readUInt16LE(header + HEADER.name) + zip.readUInt16LE(header + HEADER.extra);
    const packed = zip.subarray(begin, begin + zip.readUInt32LE(at + ENTRY.packed));
    const method = zip.readUInt16LE(at + ENTRY.method);
    if (method !== STORED && method !== DEFLATED) throw new Error(`${name} is packed by method ${method}`);
    yield [name, method === STORED ? packed : inflateRawSync(packed)];
    at += ENTRY.size + nameLength + zip.readUInt16LE(at + ENTRY.extra) + zip.readUInt16LE(at + ENTRY.comment);
  }
}
