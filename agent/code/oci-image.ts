import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PlatformError } from '../../core/error/platform-error';
import type { ImageConfig } from '../../core/function/image-config';
import { errorCodeOf } from '../../drivers/storage-error';

const MAX_JSON_BYTES = 4 * 1024 * 1024;
const MAX_INDEX_DEPTH = 3;
const MAX_LAYERS = 256;
/** Node's names of processors, and OCI's. */
const OCI_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm',
  ppc64: 'ppc64le',
};

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'only sha256 digests are taken');
const descriptor = z.object({
  mediaType: z.string().default(''),
  digest,
  size: z.number().int().min(0),
  platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
});
type Descriptor = z.infer<typeof descriptor>;
const indexSchema = z.object({ manifests: z.array(descriptor).min(1) });
const manifestSchema = z.object({ config: descriptor, layers: z.array(descriptor).max(MAX_LAYERS) });
const strings = z.array(z.string()).nullish();
const configSchema = z.object({
  os: z.string().default('linux'),
  architecture: z.string().optional(),
  config: z
    .object({
      Entrypoint: strings,
      Cmd: strings,
      Env: strings,
      WorkingDir: z.string().nullish(),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
      User: z.string().nullish(),
    })
    .nullish(),
  rootfs: z.object({ diff_ids: z.array(digest) }),
});

export interface OciLayer {
  readonly digest: string;
  /** Of the unpacked tar. */
  readonly diffId: string;
  /** Its bytes, verified as they are read: the digest's refusal comes at the end. */
  bytes(): AsyncIterable<Buffer>;
}

export interface OciImage {
  readonly config: ImageConfig;
  /** From the base up. */
  readonly layers: readonly OciLayer[];
}

/**
 * The image for this machine in an unpacked OCI image layout: index → manifest → configuration and layers, each checked
 * against its digest. @throws PlatformError invalid_archive, unsupported (layers compressed with zstd, other platforms)
 */
export async function readOciImage(layoutDir: string, architecture: string = process.arch): Promise<OciImage> {
  const wanted = OCI_ARCHITECTURES[architecture] ?? architecture;
  const index = parse(indexSchema, await readJson(path.join(layoutDir, 'index.json')), 'index.json');
  const manifest = await findManifest(layoutDir, index.manifests, wanted, MAX_INDEX_DEPTH);
  const config = parse(configSchema, await readBlobJson(layoutDir, manifest.config), 'configuration');
  if (config.os !== 'linux' || (config.architecture ?? wanted) !== wanted) {
    throw otherPlatform([`${config.os}/${config.architecture ?? 'any'}`], wanted);
  }
  if (config.rootfs.diff_ids.length !== manifest.layers.length) {
    throw invalid(
      `its manifest has ${manifest.layers.length} layers and its configuration ${config.rootfs.diff_ids.length}`,
    );
  }
  const layers = manifest.layers.map((layer, position) => {
    if (/zstd/.test(layer.mediaType)) throw zstdLayer(layer.digest);
    return {
      digest: layer.digest,
      diffId: config.rootfs.diff_ids[position] ?? '',
      bytes: () => blobBytes(layoutDir, layer),
    };
  });
  return { config: imageConfigOf(config), layers };
}

/** Also for a layer that says it is something else. */
export function zstdLayer(layerDigest: string): PlatformError {
  return new PlatformError(
    'unsupported',
    `The image's layer ${layerDigest} is compressed with zstd, which is not taken`,
    {
      hint: 'Export it with gzip: docker buildx build --output type=oci,compression=gzip,force-compression=true,dest=image.tar',
    },
  );
}

async function findManifest(
  layoutDir: string,
  candidates: readonly Descriptor[],
  architecture: string,
  depth: number,
): Promise<z.infer<typeof manifestSchema>> {
  const fits = ({ platform }: Descriptor): boolean =>
    platform === undefined || (platform.os === 'linux' && platform.architecture === architecture);
  const chosen = candidates.find((one) => fits(one) && one.platform) ?? candidates.find(fits);
  if (!chosen) {
    const platforms = candidates.map(({ platform }) => `${platform?.os}/${platform?.architecture}`);
    throw otherPlatform(platforms, architecture);
  }
  const json = await readBlobJson(layoutDir, chosen);
  const nested = indexSchema.safeParse(json);
  if (nested.success) {
    if (depth === 0) throw invalid('its indexes are nested too deep');
    return findManifest(layoutDir, nested.data.manifests, architecture, depth - 1);
  }
  return parse(manifestSchema, json, 'manifest');
}

async function* blobBytes(layoutDir: string, { digest: expected, size }: Descriptor): AsyncGenerator<Buffer> {
  const file = path.join(layoutDir, 'blobs', 'sha256', expected.slice('sha256:'.length));
  const found = await stat(file).catch((error: unknown) => {
    if (errorCodeOf(error) !== 'ENOENT') throw error;
    throw invalid(`its blob ${expected} is missing`);
  });
  if (!found.isFile() || found.size !== size)
    throw invalid(`its blob ${expected} has ${found.size} bytes, not ${size}`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual !== expected) throw invalid(`its blob ${expected} has the digest ${actual}`);
}

async function readBlobJson(layoutDir: string, blob: Descriptor): Promise<unknown> {
  if (blob.size > MAX_JSON_BYTES) throw invalid(`its blob ${blob.digest} is too large for a description`);
  const chunks: Buffer[] = [];
  for await (const chunk of blobBytes(layoutDir, blob)) chunks.push(chunk);
  return fromJson(Buffer.concat(chunks), blob.digest);
}

async function readJson(file: string): Promise<unknown> {
  if ((await stat(file)).size > MAX_JSON_BYTES) throw invalid('its index.json is too large');
  return fromJson(await readFile(file), 'index.json');
}

function fromJson(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalid(`its ${what} is no JSON`, error);
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown, what: string): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(`its ${what} is not valid at ${issue?.path.join('.') || '(root)'}: ${issue?.message}`, result.error);
}

function imageConfigOf({ config }: z.infer<typeof configSchema>): ImageConfig {
  const ports = Object.keys(config?.ExposedPorts ?? {})
    .filter((port) => !port.endsWith('/udp') && !port.endsWith('/sctp'))
    .map((port) => Number.parseInt(port, 10))
    .filter((port) => port >= 1 && port <= 65535);
  const env = (config?.Env ?? []).map(
    (line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)] as const,
  );
  return {
    entrypoint: config?.Entrypoint ?? [],
    cmd: config?.Cmd ?? [],
    env: Object.fromEntries(env.filter(([name]) => name !== '')),
    workingDir: path.posix.join('/', config?.WorkingDir ?? ''),
    exposedPorts: [...new Set(ports)].sort((a, b) => a - b),
    user: config?.User ?? '',
  };
}

function invalid(why: string, cause?: unknown): PlatformError {
  return new PlatformError('invalid_archive', `The OCI image layout cannot be used: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Export the image again, e.g. docker buildx build --output type=oci,dest=image.tar, or skopeo copy … oci-archive:image.tar',
  });
}

function otherPlatform(found: readonly string[], wanted: string): PlatformError {
  return new PlatformError('unsupported', `The image is for ${found.join(', ')}; this node runs linux/${wanted}`, {
    hint: `Build it with --platform linux/${wanted}.`,
  });
}
