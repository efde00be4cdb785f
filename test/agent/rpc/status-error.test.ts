import { status, type ServiceError } from '@grpc/grpc-js';
import { errorOfFailureJson, errorOfStatus, failureJson, statusOfError } from '../../../agent/rpc/status-error';
import { ERROR_CODES, PlatformError, type ErrorCode } from '../../../core/error/platform-error';

const received = (error: unknown): ServiceError => Object.assign(new Error('grpc'), statusOfError(error));

describe('errors over gRPC', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s comes out as it went in', (code) => {
    const sent = new PlatformError(code, 'müde — 100 %', { retryAfterSeconds: 3 });
    const error = received(sent);
    expect(errorOfStatus(error, 'Acquire')).toMatchObject({ code, message: sent.message, retryAfterSeconds: 3 });
    expect(error.code).not.toBe(status.OK);
  });

  it('travels on the stream as text', () => {
    const sent = new PlatformError('capacity', 'full', { retryAfterSeconds: 2 });
    expect(errorOfFailureJson(failureJson(sent))).toMatchObject({
      code: 'capacity',
      message: 'full',
      retryAfterSeconds: 2,
    });
    expect(errorOfFailureJson('nonsense').code).toBe('internal');
  });

  it('takes a foreign error as internal, and cuts a message that is too long for a header', () => {
    expect(errorOfStatus(received(new TypeError('x is undefined')), 'Stats').code).toBe('internal');
    const long = errorOfStatus(received(new PlatformError('start_failed', 'x'.repeat(50_000))), 'StartTemplate');
    expect(long.message).toHaveLength(4_000);
  });

  it('takes what the transport says as unavailable', () => {
    const refused = Object.assign(new Error('refused'), { code: status.UNAVAILABLE, details: 'ECONNREFUSED' });
    expect(errorOfStatus(refused as ServiceError, 'Acquire')).toMatchObject({ code: 'unavailable' });
    const late = Object.assign(new Error('late'), { code: status.DEADLINE_EXCEEDED, details: '{not json' });
    expect(errorOfStatus(late as ServiceError, 'Stats').message).toContain('did not answer in time');
  });
});
