/** What a person has typed into a field, as the API takes it; what is no such thing goes as it is, so that the API says what it should be. */

/** Words by commas or spaces. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** Numbers by commas, with or without a percent sign. */
export function numbersOf(text: string): (number | string)[] {
  return wordsOf(text.replaceAll('%', ' ')).map(numberOrText);
}

export function numberOrText(text: string): number | string {
  const trimmed = text.trim();
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

/** A field that was left empty is not sent: the platform's default counts. */
export function unlessEmpty<K extends string, V>(key: K, text: string, value: V): Partial<Record<K, V>> {
  return text.trim() === '' ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}
