import { createReadStream } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '../../../core/error/platform-error';
import { MANIFEST_TYPE, type Blob, type OciImageParts } from './oci-image-parts';

export interface RegistrySettings {
  /** `host:port/path` as it stands before an image's name, without a scheme. */
  readonly prefix: string;
  /** Where this process reaches it; default: https, for localhost http. */
  readonly url?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const PUSH_MS = 300_000;

/** Pushes images by the OCI distribution protocol, and takes them away. */
export class OciRegistry {
  readonly #url: URL;
  readonly #path: string;

  constructor(private readonly settings: RegistrySettings) {
    const [host = '', ...path] = settings.prefix.split('/');
    const scheme = /^(localhost|127\.)/.test(host) ? 'http' : 'https';
    this.#url = new URL(settings.url ?? `${scheme}://${host}`);
    this.#path = path.join('/');
  }

  /** An image that was pushed under this tag, by its digest; null: there is none. @throws PlatformError unavailable */
  async find(name: string, tag: string): Promise<string | null> {
    const found = await this.#request('HEAD', `/v2/${this.#repository(name)}/manifests/${tag}`, {
      accept: MANIFEST_TYPE,
    });
    found.resume();
    const digest = found.headers['docker-content-digest'];
    return found.statusCode === 200 && typeof digest === 'string' ? this.#nameOf(name, digest) : null;
  }

  /** The image's name with the digest of its manifest. @param tag by which it can be found again @throws PlatformError unavailable */
  async push(name: string, image: OciImageParts, tag: string): Promise<string> {
    const repository = this.#repository(name);
    for (const blob of image.blobs) await this.#pushBlob(repository, blob);
    const target = `/v2/${repository}/manifests/${tag}`;
    await this.#send('PUT', target, { 'content-type': MANIFEST_TYPE }, image.manifest);
    return this.#nameOf(name, image.manifest.digest);
  }

  /**
   * Takes an image away by its tag; its layers go when the registry next collects its garbage.
   * @returns why it stays, for people; null: it is gone, or was never there @throws PlatformError unavailable
   */
  async remove(name: string, tag: string): Promise<string | null> {
    const manifests = `/v2/${this.#repository(name)}/manifests`;
    const found = await this.#request('HEAD', `${manifests}/${tag}`, { accept: MANIFEST_TYPE });
    // By the tag many registries would take away the tag alone.
    const digest = found.headers['docker-content-digest'];
    const answer =
      found.statusCode === 200 ? await this.#request('DELETE', `${manifests}/${String(digest)}`, {}) : found;
    const status = answer.statusCode ?? 0;
    const body = await text(answer);
    if ((status >= 200 && status < 300) || status === 404) return null;
    const image = `${this.settings.prefix}/${name}:${tag}`;
    if (status === 405) return `${image}: the registry ${this.#url.host} deletes nothing (405)`;
    if (status === 401 || status === 403) return `${image}: its credentials do not allow to delete it (${status})`;
    throw new PlatformError('unavailable', `The registry ${this.#url.host} answered with ${status} that ${image} is to go: ${body.slice(0, 300)}`); // prettier-ignore
  }

  #repository(name: string): string {
    return [this.#path, name].filter(Boolean).join('/');
  }

  #nameOf(name: string, digest: string): string {
    return `${this.settings.prefix.split('/')[0]}/${this.#repository(name)}@${digest}`;
  }

  async #pushBlob(repository: string, blob: Blob): Promise<void> {
    const there = await this.#request('HEAD', `/v2/${repository}/blobs/${blob.digest}`, {});
    there.resume();
    if (there.statusCode === 200) return;
    const upload = await this.#send('POST', `/v2/${repository}/blobs/uploads/`, { 'content-length': '0' });
    const location = new URL(upload.headers.location ?? '', this.#url);
    location.searchParams.set('digest', blob.digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await this.#send('PUT', location.pathname + location.search, headers, blob);
  }

  async #send(method: string, path: string, headers: Record<string, string>, blob?: Blob): Promise<IncomingMessage> {
    const response = await this.#request(method, path, headers, blob);
    const status = response.statusCode ?? 0;
    const body = await text(response);
    if (status >= 200 && status < 300) return response;
    const message = `The registry ${this.#url.host} answered ${method} ${path} with ${status}: ${body.slice(0, 300)}`;
    throw new PlatformError('unavailable', message, {
      hint: 'Check kubernetes.pods.checkpoints.registry, and whether its credentials allow to push.',
    });
  }

  #request(method: string, path: string, headers: Record<string, string>, blob?: Blob): Promise<IncomingMessage> {
    const { username, password } = this.settings;
    const credentials = username === undefined ? {} : { auth: `${username}:${password ?? ''}` };
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(
          new PlatformError('unavailable', `The registry ${this.#url.host} does not answer: ${error.message}`, {
            cause: error,
          }),
        );
      const outgoing = (this.#url.protocol === 'https:' ? httpsRequest : httpRequest)({
        protocol: this.#url.protocol,
        hostname: this.#url.hostname,
        port: this.#url.port,
        method,
        path,
        ...credentials,
        headers: { ...headers, ...(blob ? { 'content-length': String(blob.bytes) } : {}) },
        signal: AbortSignal.timeout(PUSH_MS),
      });
      outgoing.once('response', resolve);
      outgoing.once('error', fail);
      if (!blob) outgoing.end();
      else if ('buffer' in blob.content) outgoing.end(blob.content.buffer);
      else pipeline(createReadStream(blob.content.file), outgoing).catch(fail);
    });
  }
}
