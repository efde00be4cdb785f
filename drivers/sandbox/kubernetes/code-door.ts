import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { pack, type Pack } from 'tar-stream';
import { isPlatformError } from '../../../core/error/platform-error';
import type { CodeTokens } from './code-token';
import { addEntry, addFile, addTree } from './tar-tree';
import { WHOLE_MARK } from './workload-objects';

export interface CodeDoorOptions {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly tokens: CodeTokens;
  /** Folder of the unpacked code of a digest. */
  readonly codeDir: (digest: string) => Promise<string>;
  /** Folder of the runtime shims; null where functions bring their own servers. */
  readonly runtimesDir: string;
  /** Path of the addon by which a restored Node.js gets fresh entropy; null where there is none. */
  readonly reseed: string | null;
  readonly log: Pick<Logger, 'warn'>;
}

/** Where pods fetch their code and the runtime that serves it: `GET /code/<hex digest>`, as a tar, for who has a token for it. */
export class CodeDoor {
  readonly #server: Server;

  private constructor(private readonly options: CodeDoorOptions) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async open(options: CodeDoorOptions): Promise<CodeDoor> {
    const door = new CodeDoor(options);
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject);
      door.#server.listen(options.port, options.host, resolve);
    });
    return door;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { tokens, codeDir, log } = this.options;
    const refuse = (status: number): void => void response.writeHead(status).end();
    const hex = /^\/code\/([0-9a-f]{64})$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'GET' || hex === undefined) return refuse(404);
    const digest = `sha256:${hex}`;
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!tokens.allows(token, digest, Date.now())) return refuse(403);
    try {
      const folder = await codeDir(digest);
      response.writeHead(200, { 'content-type': 'application/x-tar' });
      const archive = pack();
      const filled = this.#fill(archive, folder);
      filled.catch((error: unknown) => archive.destroy(error as Error));
      await pipeline(archive, response);
      await filled;
    } catch (error) {
      log.warn({ digest, error: String(error) }, 'a pod could not be given its code');
      if (response.headersSent) response.destroy();
      else refuse(isPlatformError(error) && error.code === 'not_found' ? 404 : 500);
    }
  }

  async #fill(archive: Pack, codeDir: string): Promise<void> {
    const { runtimesDir, reseed } = this.options;
    await addTree(archive, codeDir, 'code');
    await addTree(archive, runtimesDir, 'runtimes');
    if (reseed !== null) await addFile(archive, reseed, 'runtimes/nodejs/reseed.node');
    await addEntry(archive, { name: WHOLE_MARK }, Buffer.alloc(0));
    archive.finalize();
  }
}
