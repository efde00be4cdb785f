import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tarOf, type TarPart } from '../../core/archive/tar-bytes';

export interface LayoutOptions {
  readonly config?: Record<string, unknown>;
  readonly architecture?: string;
  readonly gzip?: boolean;
  /** Media type of the layers, when it is to differ from what they are. */
  readonly layerType?: string;
  /** Puts the manifest behind one more index, beside one for another machine. */
  readonly nested?: boolean;
  /** Changes the blobs after their digests were taken. */
  readonly tamper?: (blobs: Map<string, Buffer>) => void;
}

const OCI = 'application/vnd.oci.image';
export const thisArchitecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** An OCI image layout as a tar, with one layer for each list of entries. */
export async function ociLayout(layers: readonly (readonly TarPart[])[], options: LayoutOptions = {}): Promise<Buffer> {
  const blobs = new Map<string, Buffer>();
  const add = (bytes: Buffer, mediaType: string): Record<string, unknown> => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const addJson = (value: unknown, mediaType: string): Record<string, unknown> =>
    add(Buffer.from(JSON.stringify(value)), mediaType);
  const tars = await Promise.all(layers.map((parts) => tarOf(parts)));
  const layerType = options.layerType ?? `${OCI}.layer.v1.tar${options.gzip ? '+gzip' : ''}`;
  const config = {
    os: 'linux',
    architecture: options.architecture ?? thisArchitecture,
    config: options.config ?? {},
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
  };
  const manifest = addJson(
    {
      schemaVersion: 2,
      config: addJson(config, `${OCI}.config.v1+json`),
      layers: tars.map((tar) => add(options.gzip ? gzipSync(tar) : tar, layerType)),
    },
    `${OCI}.manifest.v1+json`,
  );
  const platform = { os: 'linux', architecture: options.architecture ?? thisArchitecture };
  const manifests = options.nested
    ? [
        addJson(
          {
            manifests: [
              { ...manifest, digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'linux', architecture: 's390x' } },
              { ...manifest, platform },
            ],
          },
          `${OCI}.index.v1+json`,
        ),
      ]
    : [{ ...manifest, platform }];
  options.tamper?.(blobs);
  return tarOf([
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests }) },
    ...[...blobs].map(([digest, content]) => ({ name: `blobs/sha256/${digest.slice(7)}`, content })),
  ]);
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
