import { buffer } from 'node:stream/consumers';
import { type Headers, pack } from 'tar-stream';

export type TarPart = Headers & { readonly content?: string | Buffer };

/** A tar made of these entries, as they are: also what no honest program would write. */
export async function tarOf(parts: readonly TarPart[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...header } of parts) {
    if (content === undefined) tar.entry(header).end();
    else tar.entry(header, content);
  }
  tar.finalize();
  return buffer(tar);
}

export async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
