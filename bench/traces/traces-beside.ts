import { assetPath } from '../../drivers/asset-path';

/** Where traces are looked for that are not shipped with the code: a folder beside the checkout. */
export function tracesBeside(): string {
  return assetPath('../shared/traces');
}
