/** The platform's own authority, sealed: one for all of its gateways and control workers. */
export interface AuthorityStore {
  /** Null: none has been made yet. */
  authority(): Promise<Buffer | null>;
  /** The first that is given stays. @returns the one that stays */
  keepAuthority(sealed: Buffer): Promise<Buffer>;
  /** Puts another in its place. False when it is not `from` any more. */
  renewAuthority(from: Buffer, to: Buffer): Promise<boolean>;
}
