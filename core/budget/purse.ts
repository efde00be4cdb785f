/** What may be spent each second on what nobody has asked for yet, shared by all whom one budget covers. */
export class Purse {
  /** @param perSecond micro-dollars, from 0 */
  constructor(private perSecond: number) {}

  /** Micro-dollars a second that nobody has taken. */
  get left(): number {
    return this.perSecond;
  }

  take(perSecond: number): void {
    this.perSecond -= perSecond;
  }
}

/** Takes the price from each of the purses, or from none where one of them has too little. */
export function takeFromAll(purses: readonly Purse[], perSecond: number): boolean {
  if (purses.some(({ left }) => left < perSecond)) return false;
  for (const purse of purses) purse.take(perSecond);
  return true;
}
