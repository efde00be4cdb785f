import { Metadata, ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import { PlatformError } from '../../core/error/platform-error';
import { isPlatform } from './agent-tls';
import { failureJson } from './status-error';

/** Lets only gateways and control workers in: another agent has a certificate of the same authority, and no business here. */
export const forPlatformOnly: ServerInterceptor = (_method, call) => {
  if (isPlatform(call.getAuthContext().sslPeerCertificate)) return new ServerInterceptingCall(call);
  return new ServerInterceptingCall(call, {
    start: () => {
      const refusal = new PlatformError('forbidden', 'The certificate shown is not one of a gateway or control worker');
      call.sendStatus({ code: status.PERMISSION_DENIED, details: failureJson(refusal), metadata: new Metadata() });
    },
  });
};
