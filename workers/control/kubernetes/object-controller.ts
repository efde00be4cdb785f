import type { Logger } from 'pino';
import type { PriceTable } from '../../../core/cost/price-table';
import { isPlatformError } from '../../../core/error/platform-error';
import { BUDGETS, FUNCTIONS, PLACEMENT_POLICIES, type CustomResource } from '../../../core/kubernetes/custom-resources';
import type { Informer, KubernetesApi, ObjectChange } from '../../../drivers/kubernetes/kubernetes-api';
import type { DeclaredKind } from '../../../drivers/store/declared-policy-store';
import type { Store } from '../../../drivers/store/store';
import { BudgetController } from './budget-controller';
import { FunctionController } from './function-controller';
import { FunctionPlatform, type FunctionPlatformOptions } from './function-platform';
import { ObjectWriter, typeOf, type ServedObject } from './object-writer';
import { PolicyController } from './policy-controller';
import { WorkQueue } from './work-queue';

export interface ObjectControllerOptions extends FunctionPlatformOptions {
  readonly api: KubernetesApi;
  readonly store: Store;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Whose objects are looked after; empty: those of all namespaces. */
  readonly namespaces: readonly string[];
  /** The platform's own. */
  readonly home: string;
  readonly publicUrl: string;
  readonly prices: PriceTable;
  /** All objects are looked at again so often, milliseconds; default five minutes. */
  readonly resyncMs?: number;
}

const RESYNC_MS = 300_000;

/**
 * Turns objects of ours into workflows: what is declared and what is there are compared whenever either changes. What it knows is in
 * the objects and in the store, so that it may end at any time, and several of it do each other no harm.
 */
export class ObjectController {
  readonly #informers: { readonly kind: CustomResource['kind']; readonly informer: Informer<ServedObject> }[] = [];
  readonly #queue: WorkQueue;
  readonly #writer: ObjectWriter;
  readonly #functions: FunctionController;
  readonly #policies: PolicyController;
  readonly #budgets: BudgetController;
  #stopping = false;
  #resync: NodeJS.Timeout | undefined;
  readonly #unsubscribe: (() => Promise<void>)[] = [];

  constructor(private readonly options: ObjectControllerOptions) {
    const { api, store, images, now, home, publicUrl, log, namespaces, workflows, prices } = options;
    const writer = new ObjectWriter(api, now);
    this.#writer = writer;
    const platform = new FunctionPlatform(options);
    this.#functions = new FunctionController({ code: { api, store, images }, platform, writer, publicUrl, now });
    this.#policies = new PolicyController({ store, writer, home });
    this.#budgets = new BudgetController({ store, writer, namespaces, workflows, prices, log });
    this.#queue = new WorkQueue({
      work: (key) => this.#work(key),
      onError: (key, error) => {
        // Somebody has changed the object meanwhile: its informer tells of that, or has told already.
        if (isPlatformError(error) && error.code === 'conflict') return;
        log.warn({ err: error, object: key }, 'An object cannot be looked after yet; it is tried again');
      },
    });
  }

  /** Resolves when the first look has begun; the API server may be away. */
  async start(): Promise<void> {
    const { store, resyncMs = RESYNC_MS } = this.options;
    for (const resource of [FUNCTIONS, BUDGETS, PLACEMENT_POLICIES]) this.#watch(resource);
    // Told of each change of a function's revisions, aliases and of its end; an empty payload means that anything may have changed.
    this.#unsubscribe.push(
      await store.subscribe('routes', (payload) => {
        if (payload === '') this.#all();
        else if (this.#find('Function', payload)) this.#queue.add(`Function/${payload}`);
      }),
      // What is said of a budget changes with its steps; after a pause any may have changed.
      await store.subscribe('budgets', (payload) => {
        if (payload === '') this.#queue.add('Budget');
        else if (this.#find('Budget', payload)) this.#queue.add(`Budget/${payload}`);
      }),
    );
    this.#resync = setInterval(() => this.#all(), resyncMs);
    void this.#synced();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#resync);
    for (const unsubscribe of this.#unsubscribe.splice(0)) await unsubscribe();
    await Promise.all(this.#informers.map(({ informer }) => informer.stop()));
    await this.#queue.stop();
  }

  #watch(resource: CustomResource): void {
    const { api, namespaces, log } = this.options;
    const { kind } = resource;
    for (const namespace of namespaces.length > 0 ? namespaces : [undefined]) {
      const informer = api.watch(typeOf(resource), {
        ...(namespace === undefined ? {} : { namespace }),
        onChange: (change) => {
          if (isNews(change)) this.#queue.add(keyOf(kind, change.object));
        },
        onError: (error) => log.warn({ err: error, kind }, 'Objects cannot be watched at the moment'),
      });
      this.#informers.push({ kind, informer });
    }
  }

  /** What was deleted while nobody looked is noticed once everything that is there has been read. */
  async #synced(): Promise<void> {
    await Promise.all(this.#informers.map(({ informer }) => informer.synced));
    for (const kind of ['Budget', 'PlacementPolicy'] as const) this.#queue.add(kind);
    this.options.log.info({ event: 'kubernetes.synced' }, 'objects of Kubernetes are looked after');
  }

  #all(): void {
    for (const { kind, informer } of this.#informers) {
      for (const object of informer.objects.values()) this.#queue.add(keyOf(kind, object));
    }
  }

  async #work(key: string): Promise<void> {
    const [kind, namespace, name] = key.split('/') as [CustomResource['kind'], string?, string?];
    if (kind === 'PlacementPolicy') return this.#reconcileAll(kind);
    try {
      if (kind === 'Budget') return await this.#budget(namespace, name);
      const object = this.#find(kind, `${namespace}/${name}`);
      if (!object) return;
      const again = await this.#functions.reconcile(this.#writer.newest(object));
      if (again !== null) this.#queue.addAfter(key, again);
    } catch (error) {
      if (isPlatformError(error) && error.code === 'not_found') return;
      throw error;
    }
  }

  /** One budget; without a name, each that an object declares, or has declared when nobody looked. */
  async #budget(namespace: string | undefined, name: string | undefined): Promise<void> {
    const informers = await this.#listed('Budget');
    if (this.#stopping) return;
    if (namespace !== undefined && name !== undefined) {
      const object = this.#find('Budget', `${namespace}/${name}`);
      return this.#budgets.reconcile(namespace, name, object && this.#writer.newest(object));
    }
    for (const { tenant, name: own } of await this.#budgets.declared()) this.#queue.add(`Budget/${tenant}/${own}`);
    for (const informer of informers) {
      for (const object of informer.objects.values()) this.#queue.add(keyOf('Budget', object));
    }
  }

  /** Of a kind whose objects hang on each other. */
  async #reconcileAll(kind: DeclaredKind): Promise<void> {
    const informers = await this.#listed(kind);
    if (this.#stopping) return;
    const objects = informers
      .flatMap((informer) => [...informer.objects.values()])
      .map((object) => this.#writer.newest(object));
    await this.#policies.reconcile(kind, objects);
  }

  /** Those of a kind, when their lists are in: of one that is not nothing can be missing. */
  async #listed(kind: CustomResource['kind']): Promise<readonly Informer<ServedObject>[]> {
    const informers = this.#informers.filter((own) => own.kind === kind).map(({ informer }) => informer);
    await Promise.all(informers.map(({ synced }) => synced));
    return informers;
  }

  #find(kind: CustomResource['kind'], path: string): ServedObject | undefined {
    for (const own of this.#informers) {
      const object = own.kind === kind ? own.informer.objects.get(path) : undefined;
      if (object) return object;
    }
    return undefined;
  }
}

function keyOf(kind: CustomResource['kind'], { metadata }: ServedObject): string {
  return kind === 'PlacementPolicy' ? kind : `${kind}/${metadata.namespace}/${metadata.name}`;
}

/** Our own words about an object are none. */
function isNews(change: ObjectChange<ServedObject>): boolean {
  if (change.type !== 'changed') return true;
  const [before, after] = [change.before, change.object].map(({ metadata }) => {
    const { generation, labels, annotations, deletionTimestamp, uid } = metadata;
    return JSON.stringify([uid, generation, labels, annotations, deletionTimestamp]);
  });
  return before !== after;
}
