import { breaksConnection, databaseError } from '../../../../drivers/store/postgres/database-error';
import { PlatformError } from '../../../../core/error/platform-error';

const failure = (code: string, message = 'select secret_column from secrets'): Error =>
  Object.assign(new Error(message), { code });

describe('databaseError', () => {
  test.each([
    ['23505', 'conflict'],
    ['23503', 'not_found'],
    ['53100', 'storage_full'],
    ['53300', 'unavailable'],
    ['57014', 'unavailable'],
    ['57P03', 'unavailable'],
    ['08006', 'unavailable'],
    ['40P01', 'unavailable'],
    ['28P01', 'unavailable'],
    ['42601', 'internal'],
    ['ECONNREFUSED', 'unavailable'],
    ['ENOENT', 'unavailable'],
  ])('%s is told as %s, without its text', (state, code) => {
    const cause = failure(state);
    const error = databaseError(cause);
    expect(error).toMatchObject({ code, cause });
    expect(error.message).not.toMatch(/select|secret/);
  });

  test('a full disk can be tried again later', () => {
    expect(databaseError(failure('53100'))).toMatchObject({ status: 507, retryable: true });
  });

  test('what is a PlatformError already stays as it is', () => {
    const error = new PlatformError('not_found', 'x');
    expect(databaseError(error)).toBe(error);
  });
});

describe('breaksConnection', () => {
  test('a lost connection does, a refused statement does not', () => {
    expect(breaksConnection(failure('57P01'))).toBe(true);
    expect(breaksConnection(failure('ECONNRESET'))).toBe(true);
    expect(breaksConnection(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(breaksConnection(new Error('Query read timeout'))).toBe(true);
    expect(breaksConnection(failure('23505'))).toBe(false);
    expect(breaksConnection(failure('57014'))).toBe(false);
    expect(breaksConnection('text')).toBe(false);
  });
});
