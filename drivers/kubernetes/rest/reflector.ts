import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { isPlatformError, toPlatformError, type PlatformError } from '../../../core/error/platform-error';
import { keyOf, type Informer, type InformerOptions, type ObjectChange } from '../kubernetes-api';
import { pathOfType, type KubernetesObject, type ResourceType } from '../resource-type';
import type { KubernetesCalls } from './kubernetes-calls';
import { listAll, selectorsOf } from './list-all';
import { errorOfStatus } from './status-error';
import type { Transport } from './transport';

/** One line of a watch. */
interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly code?: number; readonly message?: string };
}

/** The API server ends a watch after so long, and we begin the next where it ended; spread, so that not all end at once. */
const WATCH_SECONDS = { least: 240, spread: 60 };
const PAUSE_MS = { first: 100, most: 10_000 };

/** List, watch from there, watch on when the watch ends, and list anew only when the server has forgotten where we were. */
export class Reflector<T extends KubernetesObject> implements Informer<T> {
  readonly #objects = new Map<string, T>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  readonly synced: Promise<void>;
  #resourceVersion: string | null = null;
  #pauseMs = PAUSE_MS.first;

  constructor(
    private readonly transport: Pick<Transport, 'send' | 'open'>,
    private readonly calls: Pick<KubernetesCalls, 'relisted'>,
    private readonly type: ResourceType<T>,
    private readonly options: InformerOptions<T>,
  ) {
    let first = (): void => undefined;
    this.synced = new Promise((resolve) => (first = resolve));
    this.#running = this.#run(first);
  }

  get objects(): ReadonlyMap<string, T> {
    return this.#objects;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(first: () => void): Promise<void> {
    let lists = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        if (this.#resourceVersion === null) {
          if (lists > 0) this.calls.relisted(this.type.plural);
          await this.#list();
          lists += 1;
          first();
        }
        await this.#watch(this.#resourceVersion ?? '');
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        const failure = toPlatformError(error);
        // 410: what happened since is not kept any more.
        if (failure.code === 'precondition_failed') this.#resourceVersion = null;
        else await this.#trouble(failure);
      }
    }
    first();
  }

  async #list(): Promise<void> {
    const { items, resourceVersion } = await listAll(this.transport, this.type, this.options, this.#stopping.signal);
    const now = new Map(items.map((object) => [keyOf(object), object]));
    for (const [key, object] of [...this.#objects]) if (!now.has(key)) this.#remove(key, object);
    for (const [key, object] of now) this.#put(key, object);
    this.#resourceVersion = resourceVersion;
  }

  async #watch(from: string): Promise<void> {
    const parameters = selectorsOf(this.options);
    const seconds = WATCH_SECONDS.least + Math.floor(Math.random() * WATCH_SECONDS.spread);
    parameters.set('watch', 'true');
    parameters.set('allowWatchBookmarks', 'true');
    parameters.set('resourceVersion', from);
    parameters.set('timeoutSeconds', String(seconds));
    // Longer than the server keeps it: whoever holds the line without an end is not the server any more.
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout((seconds + 30) * 1000)]);
    const response = await this.transport.open(
      {
        method: 'GET',
        path: `${pathOfType(this.type, this.options.namespace)}?${parameters.toString()}`,
        verb: 'watch',
        resource: this.type.plural,
      },
      signal,
    );
    response.setEncoding('utf8');
    try {
      await this.#read(response);
    } catch (error) {
      // The line broke: whoever comes back asks whether the server is there.
      if (isPlatformError(error)) throw error;
      await this.#pause();
    }
  }

  async #read(response: IncomingMessage): Promise<void> {
    let rest = '';
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(JSON.parse(line) as WatchEvent<T>);
      this.#pauseMs = PAUSE_MS.first;
    }
  }

  #take({ type, object }: WatchEvent<T>): void {
    if (type === 'ERROR') {
      throw errorOfStatus(
        object.code ?? 500,
        JSON.stringify({ ...object, kind: 'Status' }),
        `watch ${this.type.plural}`,
      );
    }
    this.#resourceVersion = object.metadata?.resourceVersion ?? this.#resourceVersion;
    if (type === 'BOOKMARK') return;
    const key = keyOf(object);
    if (type === 'DELETED') this.#remove(key, object);
    else this.#put(key, object);
  }

  #put(key: string, object: T): void {
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    if (!before) this.#tell({ type: 'added', object });
    else if (before.metadata?.resourceVersion !== object.metadata?.resourceVersion)
      this.#tell({ type: 'changed', object, before });
  }

  #remove(key: string, object: T): void {
    if (this.#objects.delete(key)) this.#tell({ type: 'removed', object });
  }

  #tell(change: ObjectChange<T>): void {
    try {
      this.options.onChange?.(change);
    } catch (error) {
      this.options.onError?.(toPlatformError(error));
    }
  }

  async #trouble(error: PlatformError): Promise<void> {
    this.options.onError?.(error);
    await this.#pause((error.retryAfterSeconds ?? 0) * 1000);
  }

  async #pause(leastMs = 0): Promise<void> {
    const ms = Math.max(this.#pauseMs * (0.5 + Math.random() / 2), leastMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS.most);
    await setTimeout(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
