import { Readable } from 'node:stream';
import { PlatformError } from '../../../core/error/platform-error';
import type { AsyncInvocation, AsyncResult, KeptBody } from '../../../drivers/async-queue/async-queue';
import type { AsyncPort } from '../../../gateway/api/api-context';
import { memoryPage } from '../../fakes/memory-list';

/** Asynchronous invocations in memory, as the control API sees them; webhooks that take the token `right`. */
export class FakeAsync implements AsyncPort {
  readonly rows: AsyncInvocation[] = [];
  readonly results = new Map<string, AsyncResult>();
  readonly called: { readonly query: string; readonly body: string }[] = [];

  add(change: Partial<AsyncInvocation> & { id: string; tenant: string }): void {
    const at = new Date('2026-11-23T09:00:00.000Z');
    this.rows.push({
      functionId: 'f-id',
      function: 'f',
      alias: 'live',
      origin: 'http',
      method: 'POST',
      path: '/',
      idempotencyKey: null,
      state: 'queued',
      tries: 0,
      failures: 0,
      acceptedAt: at,
      dueAt: at,
      expiresAt: at,
      startedAt: null,
      endedAt: null,
      forgetAt: null,
      reason: null,
      resultStatus: null,
      resultBytes: 0,
      history: [],
      ...change,
    });
  }

  readonly queue: AsyncPort['queue'] = {
    find: async (tenant, id) => this.rows.find((row) => row.tenant === tenant && row.id === id) ?? null,
    list: async (query) =>
      memoryPage(
        'async',
        this.rows.filter(
          (row) =>
            row.tenant === query.tenant &&
            (query.function === undefined || row.function === query.function) &&
            (query.state === undefined || row.state === query.state),
        ),
        query,
        (row) => row.id,
      ),
    result: async (_tenant, id) => this.results.get(id) ?? null,
    cancel: async (tenant, id) => this.#change(tenant, id, ['queued', 'waiting', 'running'], 'cancelled'),
    redrive: async (tenant, id) => this.#change(tenant, id, ['dead', 'failed', 'cancelled'], 'queued'),
  };

  readonly bodies: AsyncPort['bodies'] = {
    open: async (body: KeptBody) => (body.inline === null ? null : Readable.from([body.inline])),
  };

  readonly webhooks: AsyncPort['webhooks'] = {
    pathOf: (fn, trigger) => `/hooks/${fn.tenant}/${fn.function}/${trigger}/right`,
    accept: async (request, name, query) => {
      if (name.token !== 'right') throw new PlatformError('not_found', 'There is no such webhook');
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      this.called.push({ query, body: Buffer.concat(chunks).toString() });
      return 'accepted';
    },
  };

  async #change(
    tenant: string,
    id: string,
    from: readonly AsyncInvocation['state'][],
    state: AsyncInvocation['state'],
  ): Promise<AsyncInvocation> {
    const at = this.rows.findIndex((row) => row.tenant === tenant && row.id === id);
    const row = this.rows[at];
    if (!row) throw new PlatformError('not_found', `There is no asynchronous invocation ${id}`);
    if (!from.includes(row.state)) throw new PlatformError('conflict', `It is ${row.state}`);
    return (this.rows[at] = { ...row, state });
  }
}
