/** An id in what was typed or pasted: bare, in a header line, or in an address. A text says what is wrong instead. */
export function invocationId(text: string): { readonly id: string } | { readonly problem: string } {
  const trimmed = text.trim();
  if (trimmed === '')
    return { problem: 'write the id of an invocation: it is in the header x-request-id of every answer' };
  const id = /[\w.-]+$/.exec(trimmed)?.[0];
  return id === undefined ? { problem: 'is no id; write e.g. 0193c8b2-7f5e-7c40-8000-000000000003' } : { id };
}
