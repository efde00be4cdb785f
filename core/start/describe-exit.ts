/** How an instance ended, as the end of a sentence about it. */
export function describeExit(how: { code: number | null; signal: string | null; outOfMemory: boolean }): string {
  if (how.outOfMemory) return 'used more memory than its limit';
  if (how.signal !== null) return `was ended by ${how.signal}`;
  return how.code === null ? 'ended' : `exited with code ${how.code}`;
}
