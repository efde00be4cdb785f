/** What is wrong with a text that was put in as an API key, and how to mend it; undefined when it may be one. */
export function keyMistake(text: string): string | undefined {
  const key = text.trim();
  if (key === '') return 'Put in an API key: it begins with psk_.';
  if (/\s/.test(key)) return 'There is a space or a line break in it; copy the key alone.';
  if (!key.startsWith('psk_')) return 'API keys begin with psk_; this is something else.';
  if (!/^psk_[\x21-\x7e]{8,}$/.test(key)) return 'It is too short or has characters that no key has; copy all of it.';
  return undefined;
}
