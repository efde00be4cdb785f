import { openApiDocument } from '../../../bench/reference/api-page';
import { paperProgram } from '../../../cli/reference/paper-program';
import { verbsOf } from '../../../cli/verb';
import { consoleCalls } from './console-calls';

/** Operations that no person calls by a verb, each with the reason. */
const NO_VERB: Readonly<Record<string, string>> = {
  'GET /livez': 'a probe of supervisors; presage status tells more',
  'GET /readyz': 'a probe of supervisors; presage status tells more',
  'POST /hooks/{tenant}/{function}/{trigger}/{token}':
    'other systems call it, with a signature; presage triggers shows the address',
};

/** What is written by verbs alone, each with the reason. Console: what is done there is taken out of this list. */
const NOT_IN_CONSOLE: Readonly<Record<string, string>> = {
  'DELETE /v1/functions/{name}/history': 'goes with the import, from files: presage history',
  'PUT /v1/history': 'an import from files of other systems: presage history import',
  'POST /nodes/join': 'the other machine asks it, where its key is made: presage node join',
  'POST /v1/forecast/retrain': 'happens each hour by itself: presage forecast retrain',
  'POST /v1/functions/{name}/forecast/models/{id}/deploy':
    'undoes what the platform chose, by its figures: presage forecast rollback',
  'POST /v1/secrets/rewrap': 'belongs to the change of the master key, on the machine: presage secret rewrap',
  'POST /v1/tenants': 'is done once, before there is a key to log in with: presage tenant create',
};

let operations: readonly string[];
beforeAll(async () => {
  const { paths } = await openApiDocument();
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
});

const called = new Set<string>(verbsOf(paperProgram()).flatMap((verb) => verb.operations));

test('every operation of the API has a verb, or a reason why not', () => {
  expect(operations.filter((operation) => !called.has(operation)).sort()).toEqual(Object.keys(NO_VERB).sort());
});

test('every operation that a verb calls is in the document', () => {
  expect([...called].filter((operation) => !operations.includes(operation))).toEqual([]);
});

test('everything the console does is an operation of the API, and a verb does it, too', () => {
  const { calls, unread } = consoleCalls(operations);
  expect(unread).toEqual([]);
  expect([...calls].filter((operation) => !called.has(operation) && !(operation in NO_VERB))).toEqual([]);
});

test('what the console does not do is known, with the verb that does', () => {
  const { calls, present } = consoleCalls(operations);
  const missing = operations.filter((operation) => !calls.has(operation) && !operation.startsWith('GET ') && !(operation in NO_VERB)); // prettier-ignore
  if (present) expect(missing.sort()).toEqual(Object.keys(NOT_IN_CONSOLE).sort());
  else expect(calls.size).toBe(0);
});
