import { PlatformError } from '../../core/error/platform-error';
import { chooseRevision } from '../../core/function/alias-weights';
import type { AliasRecord, RouteSnapshot, Store } from '../../drivers/store/store';
import { revisionRouteOf, type RevisionRoute } from './revision-route';

/** What the route table asks of a logger; pino's is one. */
export interface RouteLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

interface FunctionRoute {
  readonly functionId: string;
  readonly aliases: ReadonlyMap<string, AliasRecord['weights']>;
  readonly revisions: ReadonlyMap<number, RevisionRoute>;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;

/**
 * Every function, alias and revision, in memory. Refreshed when the store tells of a change; while the store is away the
 * last snapshot serves on.
 */
export class RouteTable {
  #functions = new Map<string, FunctionRoute>();
  #routesById = new Map<string, RevisionRoute>();
  #ready = false;
  #refreshing = false;
  #stale = false;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #unsubscribe: (() => Promise<void>) | undefined;
  #closed = false;

  constructor(
    private readonly store: Pick<Store, 'routes' | 'subscribe'>,
    private readonly log: RouteLog,
    /** Told of every new snapshot. */
    private readonly changed: (routes: Iterable<RevisionRoute>) => void = () => undefined,
  ) {}

  /** True once a first snapshot is here. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Starts to follow the store. Resolves when the first snapshot was tried for; should it fail, it comes later. */
  async open(): Promise<void> {
    this.#unsubscribe = await this.store.subscribe('routes', () => this.refresh());
    if (this.#refreshing) return;
    this.#stale = true;
    await this.#follow();
  }

  /** Fetches a new snapshot; calls during a fetch are answered by one more afterwards. */
  refresh(): void {
    if (this.#closed) return;
    this.#stale = true;
    if (this.#refreshing) return;
    clearTimeout(this.#retry);
    void this.#follow();
  }

  async #follow(): Promise<void> {
    this.#refreshing = true;
    try {
      while (this.#stale && !this.#closed) {
        this.#stale = false;
        this.#replace(await this.store.routes());
      }
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      this.log.warn({ err: error, retryMs: this.#retryMs }, 'The routes cannot be read; the last ones serve on');
      this.#retry = setTimeout(() => this.refresh(), this.#retryMs);
      this.#retry.unref();
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    } finally {
      this.#refreshing = false;
    }
  }

  #replace(snapshot: RouteSnapshot): void {
    const byId = new Map<string, RevisionRoute>();
    const functions = new Map<string, FunctionRoute>();
    for (const fn of snapshot.functions) {
      const revisions = fn.revisions.map((revision) => {
        const route = this.#routesById.get(revision.id) ?? revisionRouteOf(revision);
        // The same object as long as nothing has changed: what follows from it need not be worked out again.
        if (route.placement?.generation !== fn.placement?.generation) route.placement = fn.placement;
        byId.set(revision.id, route);
        return [revision.number, route] as const;
      });
      functions.set(`${fn.tenant}/${fn.name}`, {
        functionId: fn.functionId,
        aliases: new Map(fn.aliases.map((alias) => [alias.name, alias.weights])),
        revisions: new Map(revisions),
      });
    }
    this.#functions = functions;
    this.#routesById = byId;
    if (!this.#ready) this.log.info({ functions: functions.size }, 'Routes are here');
    this.#ready = true;
    this.changed(byId.values());
  }

  /**
   * The revision that serves one request; undefined when there is no such function.
   * @param random 0 (inclusive) to 1 (exclusive): which share of the alias's weights it falls on
   * @throws PlatformError function_not_found when the function has no such alias; unavailable before the first snapshot
   */
  resolve(target: { tenant: string; function: string; alias: string }, random: number): RevisionRoute | undefined {
    const fn = this.#functions.get(`${target.tenant}/${target.function}`);
    if (!fn) {
      if (this.#ready) return undefined;
      throw new PlatformError('unavailable', 'The gateway has just started and knows no functions yet', {
        retryAfterSeconds: 1,
      });
    }
    const weights = fn.aliases.get(target.alias);
    const first = weights?.[0];
    if (!weights || !first) throw noAlias(target);
    const number = weights.length === 1 ? first.revision : chooseRevision(weights, random);
    const route = fn.revisions.get(number);
    if (!route) throw noAlias(target);
    return route;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#unsubscribe?.();
  }
}

function noAlias(target: { function: string; alias: string }): PlatformError {
  return new PlatformError('function_not_found', `"${target.function}" has no revision behind "${target.alias}"`, {
    hint: 'A deployment sets the alias "live" when its health check has passed; see GET /v1/functions/{name}/aliases.',
  });
}
