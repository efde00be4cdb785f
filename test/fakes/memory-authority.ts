import type { AuthorityStore } from '../../drivers/store/authority-store';

export function memoryAuthority(): AuthorityStore {
  let kept: Buffer | null = null;
  return {
    authority: async () => kept,
    keepAuthority: async (sealed) => (kept ??= sealed),
    renewAuthority: async (from, to) => {
      if (!kept?.equals(from)) return false;
      kept = to;
      return true;
    },
  };
}
