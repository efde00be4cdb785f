import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import {
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';
import { temporalDeadline } from './temporal-deadline';

/** The client wraps each call in `withMetadata`, an AsyncLocalStorage, only to name the namespace in a header. */
class UnhookedConnection extends Connection {
  override withMetadata<T>(_metadata: unknown, call: () => Promise<T>): Promise<T> {
    return call();
  }
}

/**
 * A connection that switches no async hooks on (see `temporalDeadline`): `withMetadata` of it does nothing. It is lazy: a
 * gateway starts, and serves invocations, while Temporal is away.
 */
export function lazyTemporalConnection(
  access: Pick<ConnectionOptions, 'address' | 'tls' | 'apiKey'>,
  namespace: string,
): Connection {
  const named: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set('temporal-namespace', namespace);
        next(metadata, listener);
      },
    });
  // Four tries in about a second, then the caller is told.
  const repeated = makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 4 }));
  return UnhookedConnection.lazy({ ...access, interceptors: [temporalDeadline, repeated, named] });
}
