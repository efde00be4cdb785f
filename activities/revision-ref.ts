/** Names one revision to activities and in histories; the run spec with its secrets is built where it is used. */
export interface RevisionRef {
  readonly tenant: string;
  readonly function: string;
  readonly functionId: string;
  readonly revision: number;
  readonly revisionId: string;
}
