import { buffer } from 'node:stream/consumers';
import type { Logger } from 'pino';
import type { KubernetesApi, RawRequest } from '../../kubernetes/kubernetes-api';
import { LogLineSplitter, type SplitLine } from '../log-line-splitter';
import type { SandboxLogLine } from '../sandbox';
import { FUNCTION_CONTAINER } from './workload-objects';

const RETRY_MS = 2_000;
const [LAST_LINES, LAST_LINES_MS] = [20, 2_000];

/**
 * Follows what functions write by the API server: one connection for each pod. The kubelet keeps both of a container's streams
 * in one log, so all lines count as `stdout`.
 */
export class PodLogs {
  readonly #followed = new Map<string, AbortController>();

  constructor(
    private readonly api: Pick<KubernetesApi, 'stream'>,
    private readonly namespace: string,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** From the pod's first line. */
  follow(instanceId: string, pod: string, told: (line: SandboxLogLine) => void): void {
    if (this.#followed.has(instanceId)) return;
    const stopping = new AbortController();
    this.#followed.set(instanceId, stopping);
    void this.#run(instanceId, pod, told, stopping.signal);
  }

  /** The last lines of a pod that did not start. Never throws: there may be none. */
  async tell(instanceId: string, pod: string, told: (line: SandboxLogLine) => void): Promise<void> {
    const signal = AbortSignal.timeout(LAST_LINES_MS);
    for (const previous of ['true', 'false']) {
      const splitter = new LogLineSplitter();
      try {
        const query = `container=${FUNCTION_CONTAINER}&previous=${previous}&tailLines=${LAST_LINES}`;
        const bytes = await this.api.stream(this.#request(pod, query), signal);
        const pieces = await buffer(bytes);
        for (const { text } of [...splitter.push(pieces), ...splitter.end()])
          told({ instanceId, invocationId: null, stream: 'stdout', at: Date.now(), text });
        return;
      } catch {
        // It has had one container only, or none.
      }
    }
  }

  /** What was written until now still comes. */
  end(instanceId: string): void {
    this.#followed.get(instanceId)?.abort();
    this.#followed.delete(instanceId);
  }

  async #run(
    instanceId: string,
    pod: string,
    told: (line: SandboxLogLine) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const tell = (lines: readonly SplitLine[]): void => {
      for (const { invocationId, text } of lines)
        told({ instanceId, invocationId, stream: 'stdout', at: Date.now(), text });
    };
    // After a connection that broke, from its last moment: lines of that second may come twice, and none is lost.
    for (let since = ''; !signal.aborted;) {
      const splitter = new LogLineSplitter();
      try {
        const bytes = await this.api.stream(
          this.#request(pod, `follow=true&container=${FUNCTION_CONTAINER}${since}`),
          signal,
        );
        for await (const piece of bytes as AsyncIterable<Buffer>) tell(splitter.push(piece));
        tell(splitter.end());
        return; // the container ended
      } catch (error) {
        tell(splitter.end());
        if (signal.aborted) return;
        this.log.warn({ pod, error: String(error) }, 'the log of a pod broke off; following it again');
        since = `&sinceTime=${encodeURIComponent(new Date().toISOString())}`;
        await new Promise<void>((resolve) => void setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  #request(pod: string, query: string): RawRequest {
    const path = `/api/v1/namespaces/${this.namespace}/pods/${pod}/log?${query}`;
    return { method: 'GET', path, verb: 'get', resource: 'pods/log' };
  }
}
