import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { PlatformError } from '../../core/error/platform-error';
import type { Principal, Scope } from './api-context';

/** A Fastify instance whose handlers get their arguments typed by the zod schemas of the route. */
export type ApiApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who asks, and for which tenant: their own, or the one a platform operator named by `?tenant=`. */
export interface Caller {
  readonly principal: Principal;
  readonly tenant: string;
  readonly operator: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope a key needs for this route; `any` needs a key whatever it may do, `open` none. */
    scope?: Scope | 'any' | 'open';
  }
  interface FastifyRequest {
    apiCaller: Caller | null;
    /** Who asks, also where they may not. */
    apiPrincipal: Principal | null;
  }
}

/** The caller of a route that needs a key. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.apiCaller) throw new PlatformError('internal', `${request.routeOptions.url} was reached without a key`);
  return request.apiCaller;
}
