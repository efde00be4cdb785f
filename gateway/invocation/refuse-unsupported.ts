import type { IncomingMessage } from 'node:http';
import { PlatformError } from '../../core/error/platform-error';

/** What the invocation path does not do yet. @throws PlatformError unsupported */
export function refuseUnsupported(request: IncomingMessage): void {
  const { prefer } = request.headers;
  if (prefer !== undefined && /(^|[,;\s])respond-async\b/i.test(String(prefer))) {
    throw new PlatformError('unsupported', 'Asynchronous invocations (Prefer: respond-async) are not supported yet', {
      hint: 'Leave the header out and wait for the answer.',
    });
  }
}
