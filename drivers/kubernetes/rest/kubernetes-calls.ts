import { Counter, Registry } from 'prom-client';

/** One sort of calls. `code`: HTTP status, or `none` where no answer came. */
export interface CallCount {
  readonly verb: string;
  readonly resource: string;
  readonly code: string;
  readonly count: number;
}

/** Counts every call to the API server, watches included, as metrics and for whoever wants to know what something costs. */
export class KubernetesCalls {
  readonly #calls: Counter;
  readonly #relists: Counter;

  constructor(registry = new Registry()) {
    this.#calls = counter(registry, 'presage_kubernetes_calls_total', 'Calls to the Kubernetes API server.', [
      'verb',
      'resource',
      'code',
    ]);
    this.#relists = counter(
      registry,
      'presage_kubernetes_relists_total',
      'Times that an informer had to read its whole list again.',
      ['resource'],
    );
  }

  count(verb: string, resource: string, code: number | 'none'): void {
    this.#calls.inc({ verb, resource, code: String(code) });
  }

  relisted(resource: string): void {
    this.#relists.inc({ resource });
  }

  /** Since the start of this process. */
  async counts(): Promise<readonly CallCount[]> {
    const { values } = await this.#calls.get();
    return values.map(({ labels, value }) => ({
      verb: String(labels['verb']),
      resource: String(labels['resource']),
      code: String(labels['code']),
      count: value,
    }));
  }
}

/** Several clients of one process share the counters of its registry. */
function counter(registry: Registry, name: string, help: string, labelNames: string[]): Counter {
  const known = registry.getSingleMetric(name);
  return known instanceof Counter ? known : new Counter({ name, help, labelNames, registers: [registry] });
}
