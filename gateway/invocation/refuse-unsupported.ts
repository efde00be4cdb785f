import type { IncomingMessage } from 'node:http';
import { PlatformError } from '../../core/error/platform-error';

/** What the invocation path does not do yet. @throws PlatformError unsupported */
export function refuseUnsupported(request: IncomingMessage): void {
  const { upgrade } = request.headers;
  if (upgrade !== undefined && upgrade.toLowerCase() === 'websocket') {
    throw new PlatformError('unsupported', 'WebSocket connections to functions are not supported yet', {
      hint: 'Use a streamed response or server-sent events.',
    });
  }
}
