import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** A registry of container images in a folder, on loopback: as much of the distribution protocol as pushing, pulling and deleting need. */
export class ImageRegistry {
  readonly #server: Server;
  readonly #tags = new Map<string, string>();
  /** What it answers to whoever deletes; null: it does so. */
  refusesToDelete: 401 | 403 | 405 | null = null;

  private constructor(private readonly folder: string) {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  static async open(folder: string): Promise<ImageRegistry> {
    mkdirSync(folder, { recursive: true });
    const registry = new ImageRegistry(folder);
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  /** As it stands before an image's name. */
  get host(): string {
    return `localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Takes in a file system as an image of one layer. @param tar of the file system */
  async add(name: string, tag: string, tar: string, command: readonly string[]): Promise<string> {
    const bytes = readFileSync(tar);
    const layer = await this.#keep(bytes);
    const config = await this.#keep(
      Buffer.from(
        JSON.stringify({
          architecture: process.arch === 'x64' ? 'amd64' : process.arch,
          os: 'linux',
          config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], WorkingDir: '/', Cmd: command },
          rootfs: { type: 'layers', diff_ids: [layer] },
        }),
      ),
    );
    const size = (digest: string): number => statSync(this.#file(digest)).size;
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: size(config) },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer, size: size(layer) }],
    };
    this.#tags.set(`${name}:${tag}`, await this.#keep(Buffer.from(JSON.stringify(manifest))));
    return `${this.host}/${name}:${tag}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '/', 'http://registry');
    if (url.pathname === '/v2/') return response.end('{}');
    const [, name = '', kind, rest = ''] = /^\/v2\/(.+?)\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
    const method = request.method ?? 'GET';
    if (kind === 'blobs' && method === 'POST') {
      return response.writeHead(202, { location: `/v2/${name}/blobs/uploads/${randomUUID()}` }).end();
    }
    if (method === 'DELETE') {
      if (this.refusesToDelete !== null) return response.writeHead(this.refusesToDelete).end();
      const known = kind === 'manifests' && existsSync(this.#file(rest));
      if (known) rmSync(this.#file(rest));
      return response.writeHead(known ? 202 : 404).end();
    }
    if (method === 'PUT') {
      const digest = kind === 'blobs' ? await this.#take(request) : await this.#keep(await buffer(request));
      const expected = kind === 'blobs' ? url.searchParams.get('digest') : rest.includes(':') ? rest : digest;
      if (digest !== expected) return response.writeHead(400).end('the digest is another');
      if (kind === 'manifests') this.#tags.set(`${name}:${rest}`, digest);
      return response.writeHead(201, { 'docker-content-digest': digest }).end();
    }
    const digest = rest.startsWith('sha256:') ? rest : this.#tags.get(`${name}:${rest}`);
    if (kind === undefined || digest === undefined || !existsSync(this.#file(digest)))
      return response.writeHead(404).end('{"errors":[{"code":"NAME_UNKNOWN"}]}');
    response.writeHead(200, {
      'content-type': kind === 'manifests' ? MANIFEST : 'application/octet-stream',
      'content-length': statSync(this.#file(digest)).size,
      'docker-content-digest': digest,
    });
    if (method === 'HEAD') return response.end();
    return pipeline(createReadStream(this.#file(digest)), response);
  }

  async #keep(bytes: Buffer): Promise<string> {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await writeFile(this.#file(digest), bytes);
    return digest;
  }

  async #take(request: IncomingMessage): Promise<string> {
    const draft = path.join(this.folder, `draft-${randomUUID()}`);
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(request, createWriteStream(draft));
    const digest = `sha256:${hash.digest('hex')}`;
    await rename(draft, this.#file(digest));
    return digest;
  }

  #file(digest: string): string {
    return path.join(this.folder, digest.replace(':', '-'));
  }
}
