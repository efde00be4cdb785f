/** NUL and half surrogate pairs: legal in JavaScript, refused by PostgreSQL, and one of them would lose a whole batch. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

const snakeNames = new Map<string, string>();

function snakeCase(name: string): string {
  let snake = snakeNames.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snake);
  }
  return snake;
}

/** A string that PostgreSQL can store: what it cannot is replaced by U+FFFD. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, '\uFFFD');
}

/** JSON that jsonb takes, whatever strings are in it. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
}

/** A batch of records as one parameter for `json_populate_recordset`: far cheaper to plan than a value for each field. */
export function jsonRows(rows: readonly object[]): string {
  return storableJson(
    rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [snakeCase(name), value as unknown])),
    ),
  );
}
