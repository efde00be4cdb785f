/** The fields that were given: what is undefined was not. */
export function definedFields<T extends object>(fields: T): { [key in keyof T]?: Exclude<T[key], undefined> } {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [key in keyof T]?: Exclude<T[key], undefined> };
}
