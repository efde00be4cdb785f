/** NUL and half surrogate pairs: legal in JavaScript, refused by PostgreSQL, and one of them would lose a whole batch. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

const snakeNames = new Map<string, string>();

/** `functionId` is the column `function_id`. */
export function snakeCase(name: string): string {
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

/** How JSON writes what PostgreSQL refuses; an escaped backslash before "u" looks the same and only costs a second look. */
const SUSPECT = /\\u(?:0000|d[89a-f])/;

/** JSON that jsonb takes, whatever strings are in it. */
export function storableJson(value: unknown): string {
  // A replacer would be called for every value of every row; hardly any row needs one.
  const json = JSON.stringify(value);
  if (!SUSPECT.test(json)) return json;
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
}

/** A batch of records as one parameter for `json_populate_recordset`: far cheaper to plan than a value for each field. */
export function jsonRows(rows: readonly object[]): string {
  return storableJson(
    rows.map((row) => {
      const named: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(row)) named[snakeCase(name)] = value;
      return named;
    }),
  );
}
