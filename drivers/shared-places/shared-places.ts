/** What one gateway wants of the places that all gateways share. */
export interface PlacesAsk {
  /** Whose places: a tenant's, or a function's. */
  readonly key: string;
  /** Places in all. */
  readonly cap: number;
  /** Those that are in use here: they are kept whatever the others want. */
  readonly inUse: number;
  /** Those that could be used here now, the ones in use included. */
  readonly wanted: number;
}

/**
 * Lends places to gateways, never more than there are. A loan is absolute: the gateway has what the last answer says, and has
 * it until `ttlMs` after that answer, so that those of a gateway that was killed come back by themselves.
 */
export interface SharedPlaces {
  /**
   * Renews, widens or narrows what this gateway has. Where all together want more than there are, each gets an even part,
   * what others do not want included, and what cannot be divided goes round.
   * @returns places that it may use from now on; fewer than are in use: none of those that end may be used again before more
   *   are lent
   * @throws PlatformError unavailable
   */
  lend(ask: PlacesAsk): Promise<number>;
  /** Can loans be had now? */
  readonly usable: boolean;
  /** Tells when that has changed. */
  onChange(listener: () => void): void;
}
