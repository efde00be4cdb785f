/** Control characters made visible: what others wrote must not write to the terminal what it likes. Tabs and colours pass. */
export function safeText(text: string): string {
  return text.replace(/\p{Cc}(\[[\d;]*m)?/gu, (match, colour?: string) => {
    if (match === '\t' || (colour !== undefined && match.startsWith('\u001b'))) return match;
    return `\\x${match.charCodeAt(0).toString(16).padStart(2, '0')}${colour ?? ''}`;
  });
}
