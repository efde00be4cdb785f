import type { AgentClient } from '../../../../agent/rpc/agent-client';
import { costSettingsSchema, priceTableOf } from '../../../../core/cost/cost-settings';
import { PlatformError } from '../../../../core/error/platform-error';
import type { ApplyOptions } from '../../../../drivers/kubernetes/kubernetes-api';
import type { KubernetesObject, ResourceType } from '../../../../drivers/kubernetes/resource-type';
import { ObjectController } from '../../../../workers/control/kubernetes/object-controller';
import type { ServedObject } from '../../../../workers/control/kubernetes/object-writer';
import { MemoryKubernetes } from '../../../fakes/memory-kubernetes';
import { createMemoryStore } from '../../../fakes/memory-store';
import { FakeImages, FakeWorkflows } from '../../../gateway/api/fake-ports';

/** Counts what is written, and refuses what was decided by an older version, as a real one does. */
class StrictKubernetes extends MemoryKubernetes {
  /** What was written, in words. */
  readonly writes: string[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** One after the other: between the look at a version and the write nothing comes. */
  override apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: ApplyOptions = {}): Promise<T> {
    const own = this.#last.then(() => this.#apply(type, object, options));
    this.#last = own.catch(() => undefined);
    return own;
  }

  async #apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: ApplyOptions): Promise<T> {
    if (options.subresource === 'status') {
      const { conditions = [] } = (object as unknown as ServedObject).status ?? {};
      this.writes.push(conditions.at(-1)?.reason ?? 'nothing');
      const ref = { name: object.metadata?.name ?? '', namespace: object.metadata?.namespace };
      const { metadata } = await this.get(type, ref);
      if (metadata?.resourceVersion !== object.metadata?.resourceVersion)
        throw new PlatformError('conflict', 'was changed');
    }
    return super.apply(type, object, options);
  }
  override async patch<T extends KubernetesObject>(...given: Parameters<MemoryKubernetes['patch']>): Promise<T> {
    this.writes.push('finalizers');
    return super.patch(...given) as Promise<T>;
  }
}

/** An object controller with all that it works on, in memory: one node, one agent. */
export class ControllerBed {
  readonly kubernetes = new StrictKubernetes();
  readonly store = createMemoryStore();
  readonly images = new FakeImages();
  readonly workflows = new FakeWorkflows();
  readonly warnings: unknown[] = [];
  /** Of the only agent. */
  instances: { tenant: string; function: string; revisionId: string }[] = [];
  readonly retired: string[] = [];
  /** How many instances are left after a revision was retired. */
  left = 0;
  prices = priceTableOf(costSettingsSchema.parse({}));
  private readonly started: ObjectController[] = [];

  async start(): Promise<ObjectController> {
    const agent = {
      stats: async () => ({ instances: this.instances }),
      retire: async ({ revisionId }: { revisionId: string }) => {
        this.retired.push(revisionId);
        return { ended: 1, left: this.left };
      },
      dropCheckpoint: async () => undefined,
    } as unknown as AgentClient;
    const node = {
      name: 'n',
      tier: 'central',
      region: 'eu',
      address: 'n:1',
      labels: {},
      state: 'ready',
      capacity: null,
    } as const;
    const controller = new ObjectController({
      api: this.kubernetes,
      store: this.store,
      images: this.images,
      workflows: this.workflows,
      cluster: { nodes: async () => [node] },
      agent: async () => agent,
      now: () => Date.now(),
      log: { info: () => undefined, warn: (...words: unknown[]) => void this.warnings.push(words) } as never,
      namespaces: [],
      home: 'presage',
      publicUrl: 'https://fn.example.com',
      prices: this.prices,
    });
    this.started.push(controller);
    await controller.start();
    return controller;
  }

  /** All that was started. */
  async stop(): Promise<void> {
    for (const controller of this.started.splice(0)) await controller.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }
}

/** Looks until there is something; the test's own time-out ends a wait for nothing. */
export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
