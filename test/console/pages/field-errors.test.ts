import { fieldError } from '../../../console/src/lib/field-errors';

const error = {
  problem: {
    errors: [
      { path: 'name', message: 'is empty' },
      { path: 'scopes.0', message: 'is unknown', hint: 'choose read' },
      { path: 'scopes.1', message: 'is there twice' },
    ],
  },
};

test('a field is told all that is wrong with it and with what is in it, and nothing of others', () => {
  expect(fieldError(error, 'name')).toBe('is empty');
  expect(fieldError(error, 'scopes')).toBe('is unknown (choose read); is there twice');
  expect(fieldError(error, 'scope')).toBeUndefined();
  expect(fieldError(undefined, 'name')).toBeUndefined();
});
