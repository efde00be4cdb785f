import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** What images call the processors of this machine. */
export const OCI_ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

/** Bytes that have their name already. */
export interface Blob {
  readonly digest: string;
  readonly bytes: number;
  readonly content: { readonly file: string } | { readonly buffer: Buffer };
}

/** An image of one layer: the layer, the configuration, and the manifest over both. */
export interface OciImageParts {
  readonly blobs: readonly [layer: Blob, config: Blob];
  readonly manifest: Blob;
}

/** @param layer a tar @param file where it is kept, pressed */
export async function imageOfLayer(
  layer: Readable,
  file: string,
  options: { readonly architecture: string; readonly annotations: Readonly<Record<string, string>> },
): Promise<OciImageParts> {
  const { diffId, ...blob } = await pressed(layer, file);
  const { architecture, annotations } = options;
  const rootfs = { type: 'layers', diff_ids: [diffId] };
  const config = jsonBlob({ architecture, os: 'linux', config: {}, rootfs });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, digest: config.digest, size: config.bytes },
    layers: [{ mediaType: LAYER_TYPE, digest: blob.digest, size: blob.bytes }],
    annotations,
  });
  return { blobs: [blob, config], manifest };
}

async function pressed(layer: Readable, file: string): Promise<Blob & { readonly diffId: string }> {
  const [plain, packed] = [createHash('sha256'), createHash('sha256')];
  // It is to be sent soon: what pressing harder would save is less than what it takes.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  await pipeline(layer, through(plain), gzip, through(packed), createWriteStream(file, { mode: 0o600 }));
  const { size } = await stat(file);
  const digest = `sha256:${packed.digest('hex')}`;
  return { digest, diffId: `sha256:${plain.digest('hex')}`, bytes: size, content: { file } };
}

function through(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

function jsonBlob(value: unknown): Blob {
  const buffer = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash('sha256').update(buffer).digest('hex')}`;
  return { digest, bytes: buffer.length, content: { buffer } };
}
