const DIGEST = /^sha256:([0-9a-f]{2})([0-9a-f]{62})$/;

/** The file of a blob in the folder of an image store, as the parts of its path; null for what is no digest. */
export function blobName(digest: string): readonly string[] | null {
  const [, first, rest] = DIGEST.exec(digest) ?? [];
  return first === undefined || rest === undefined ? null : ['sha256', first, rest];
}
