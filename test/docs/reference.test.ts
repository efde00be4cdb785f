import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { VARIABLES } from '../../bench/reference/configuration-page';
import { referenceFiles } from '../../bench/reference/reference-files';
import { schemaRows, typeText } from '../../bench/reference/schema-rows';
import { WORKFLOWS } from '../../bench/reference/workflows-page';
import { EVENTS } from '../../core/event/event-catalog';
import { assetPath } from '../../drivers/asset-path';
import { parseWorkflowInput } from '../../core/control/workflow-inputs';

let made: ReadonlyMap<string, string>;
beforeAll(async () => {
  made = await referenceFiles();
});

const PAGES = [
  'api.md',
  'cli.md',
  'configuration.md',
  'events.md',
  'manifest.md',
  'metrics.md',
  'presage.1',
  'workflows.md',
];

test.each(PAGES)('docs/reference/%s is what npm run reference makes of the schemas', (name) => {
  const file = assetPath(`docs/reference/${name}`);
  expect([existsSync(file), made.has(name)]).toEqual([true, true]);
  // Said as a sentence: a difference of a thousand lines helps nobody.
  if (readFileSync(file, 'utf8') !== made.get(name)) throw new Error(`docs/reference/${name} is out of date: npm run reference`); // prettier-ignore
});

const sources = (...folders: string[]): readonly string[] =>
  folders.flatMap((folder) =>
    readdirSync(assetPath(folder), { recursive: true })
      .map((name) => path.join(folder, String(name)))
      .filter((name) => name.endsWith('.ts') && name !== 'core/event/event-catalog.ts')
      .map((name) => readFileSync(assetPath(name), 'utf8')),
  );

describe('the catalogue of events', () => {
  const text = sources('activities', 'agent', 'drivers', 'gateway', 'workers').join('\n');
  /** `type: 'x.y'`, `tell('x.y'`, `record(…, 'x.y'`, `event('x.y'` and `type = a ? 'x.y' : 'z.w'`; entries of logs say `event:`. */
  const literal = [...text.matchAll(/(?<!event: )'([a-z]+(?:\.[a-z]+)*\.[a-z]+(?:-[a-z]+)*)'/g)].map(
    ([, type = '']) => type,
  );
  const families = new Set(Object.keys(EVENTS).map((type) => type.split('.')[0]));
  /** Names of files, log entries and the like, which look the same. */
  const NO_EVENTS =
    /\.(key|crt|log|yaml|json|ts|js|secret|sock|proto|previous|md|sql|password|sandbox|failed|ready|stopped|stopping|pruned)$/;

  test('has every type that the code writes', () => {
    const unknown = literal.filter((type) => families.has(type.split('.')[0] ?? '') && !(type in EVENTS));
    expect([...new Set(unknown)].filter((type) => !NO_EVENTS.test(type))).toEqual([]);
  });

  test('has none that nobody writes', () => {
    const written = new Set(literal);
    const stems = [...text.matchAll(/`([a-z]+(?:\.[a-z]+)*)\.\$\{/g)].map(([, stem = '']) => stem);
    const orphans = Object.keys(EVENTS).filter((type) => {
      const [stem, word] = [type.replace(/\.[^.]+$/, ''), type.split('.').at(-1) ?? ''];
      return !written.has(type) && !(stems.includes(stem) && text.includes(word.replace(/ed$/, '')));
    });
    expect(orphans).toEqual([]);
  });
});

test('every variable that the product reads from its environment is described', () => {
  const text = sources('workers', 'drivers', 'gateway', 'cli').join('\n');
  const read = new Set([...text.matchAll(/env\['([A-Z][A-Z_]+)'\]/g)].map(([, name = '']) => name));
  const plain = ['PATH', 'HOME', 'TERM'];
  const unknown = [...read].filter((name) => !name.includes('__') && !plain.includes(name) && !(name in VARIABLES));
  expect(unknown).toEqual([]);
  expect(Object.keys(VARIABLES).filter((name) => !read.has(name))).toEqual([]);
});

describe('workflows', () => {
  test('all that may be started are described', () => {
    const index = readFileSync(assetPath('workflows/index.ts'), 'utf8');
    const exported = [...index.matchAll(/export \{ (\w+) \}/g)].map(([, name = '']) => name);
    // A part of retrainModels, with an input that only that makes.
    expect(Object.keys(WORKFLOWS).sort()).toEqual(exported.filter((name) => name !== 'forecastShard').sort());
  });

  test.each(Object.entries(WORKFLOWS))('the examples of %s are taken', (name, { schema, examples }) => {
    for (const example of examples) expect(() => parseWorkflowInput(name, schema, JSON.parse(example))).not.toThrow();
  });
});

test('a schema becomes rows: groups by their fields, lists and maps by their marks, ranges and defaults', () => {
  const rows = schemaRows({
    required: ['a'],
    properties: {
      a: { type: 'integer', minimum: 1, maximum: 9 },
      group: { type: 'object', properties: { b: { type: 'string', default: 'x', description: 'a word' } } },
      list: { type: 'array', items: { type: 'object', properties: { c: { enum: ['y', 'z'] } } } },
      map: { type: 'object', additionalProperties: { type: 'number', exclusiveMinimum: 0 } },
    },
  });
  expect(rows.map(({ path: at, type, required, fallback }) => [at, type, required, fallback])).toEqual([
    ['a', 'integer from 1 to 9', true, undefined],
    ['group.b', 'string', false, '"x"'],
    ['list', 'list of object', false, undefined],
    ['list[].c', '"y", "z"', false, undefined],
    ['map', 'map of number above 0', false, undefined],
  ]);
  expect(typeText({ anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] })).toBe('string (date-time) or null'); // prettier-ignore
});
