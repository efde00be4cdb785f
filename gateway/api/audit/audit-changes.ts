import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter } from 'prom-client';
import type { AuditOutcome } from '../../../drivers/store/audit-store';
import type { ApiContext } from '../api-context';
import { callerAddress } from '../caller-address';
import { AuditTrail } from './audit-trail';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** A path is the caller's; so much of it is kept. */
const MAX_RESOURCE = 512;

/**
 * Every request of a route that is not for reading goes into the audit log, with no word of the route's own: a route
 * that is forgotten is logged too. What was wrong with the request (400, 404, 409 …) changed nothing and is left out.
 */
export function auditChanges(app: FastifyInstance, context: ApiContext): void {
  const suppressed = new Counter({
    name: 'presage_audit_refusals_suppressed_total',
    help: 'Refused attempts at a change that were not written to the audit log, for their caller had too many',
    registers: [context.metrics],
  });
  const trail = new AuditTrail({
    store: context.store,
    log: context.log,
    suppressed: () => suppressed.inc(),
    now: () => context.now().getTime(),
  });
  app.decorateRequest('changeNote', null);
  app.addHook('onClose', () => trail.close());
  app.addHook('onSend', async (request, reply) => {
    if (READING.has(request.method) || request.routeOptions.config.scope === 'open') return;
    const outcome = outcomeOf(reply.statusCode);
    if (outcome === null || request.changeNote?.changes === false) return;
    await trail.record(entryOf(request, reply, outcome, context.now()));
  });
}

function outcomeOf(status: number): AuditOutcome | null {
  if (status < 400) return 'allowed';
  if (status === 401 || status === 403) return 'refused';
  return status >= 500 ? 'failed' : null;
}

function entryOf(request: FastifyRequest, reply: FastifyReply, outcome: AuditOutcome, at: Date) {
  const { apiCaller, apiPrincipal, changeNote } = request;
  const { schema, url } = request.routeOptions;
  return {
    at,
    // Who tries at another tenant is told of in the log of their own.
    tenant: apiCaller?.tenant ?? apiPrincipal?.tenant ?? null,
    principal: apiPrincipal?.keyId ?? null,
    action: schema?.operationId ?? `${request.method} ${url ?? ''}`,
    resource: (request.url.split('?', 1)[0] ?? '').slice(0, MAX_RESOURCE),
    before: changeNote?.before ?? null,
    after: changeNote?.after ?? null,
    requestId: request.id,
    address: callerAddress(request.raw),
    outcome,
    status: reply.statusCode,
  };
}
