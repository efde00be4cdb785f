import type { FastifyRequest } from 'fastify';
import { PlatformError } from '../../core/error/platform-error';
import { OPERATOR_TENANT } from './access-guard';
import { callerOf, type Caller } from './api-app';

/** The caller, who operates the platform. @param what they would do, e.g. `Nodes are managed` @throws PlatformError forbidden */
export function requireOperator(request: FastifyRequest, what: string): Caller {
  const caller = callerOf(request);
  if (caller.operator) return caller;
  throw new PlatformError('forbidden', `${what} by platform operators: admin keys of the tenant ${OPERATOR_TENANT}.`);
}
