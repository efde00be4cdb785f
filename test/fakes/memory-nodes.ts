import { canonicalJson } from '../../core/function/revision-digest';
import { PlatformError } from '../../core/error/platform-error';
import type { JoinTokenRecord, NodeDescription, NodeRecord, NodeStore } from '../../drivers/store/node-store';
import type { MemoryNotices } from './memory-notices';

export function memoryNodes(now: () => Date, notices: MemoryNotices): NodeStore {
  const rows = new Map<string, NodeRecord>();
  const tokens = new Map<string, JoinTokenRecord>();
  const silentMs = ({ lastSeenAt }: NodeRecord): number => now().getTime() - lastSeenAt.getTime();
  const descriptions = new Map<string, NodeDescription>();
  const shown = (row: NodeRecord): NodeRecord => {
    const described = descriptions.get(row.name);
    const labels = { ...row.labels, ...described?.labels };
    return { ...row, ...described, labels, described: described !== undefined, silentMs: silentMs(row) };
  };
  const find = (name: string): NodeRecord | undefined => {
    const row = rows.get(name);
    return row && row.removedAt === null ? row : undefined;
  };
  const put = (row: NodeRecord): NodeRecord => {
    rows.set(row.name, row);
    notices.tell('nodes', [row.name]);
    return shown(row);
  };

  return {
    nodes: async ({ removed = false } = {}) =>
      [...rows.values()]
        .filter(({ removedAt }) => removed || removedAt === null)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(shown),
    findNode: async (name) => {
      const row = find(name);
      return row ? shown(row) : null;
    },
    beatNode: async (beat) => {
      const before = rows.get(beat.name);
      if (before?.removedAt && before.incarnation === beat.incarnation) return { intent: 'removed', came: null };
      const kept = find(beat.name);
      const came = !before ? 'new' : before.removedAt || before.lostAt ? 'back' : null;
      const { intent, reason, registeredAt } = kept ?? { intent: 'ready' as const, reason: null, registeredAt: now() };
      const standing = { silentMs: 0, lastSeenAt: now(), lostAt: null, removedAt: null };
      const row = { ...beat, intent, reason, registeredAt, described: false, ...standing };
      rows.set(beat.name, row);
      if (came || (before && facts(before) !== facts(row))) notices.tell('nodes', [beat.name]);
      return { intent, came };
    },
    setNodeState: async (name, intent, { reason = null, onlyIf } = {}) => {
      const row = find(name);
      if (!row) throw new PlatformError('not_found', `There is no node ${name}`);
      if (onlyIf && !onlyIf.includes(row.intent)) {
        throw new PlatformError('precondition_failed', `Node ${name} is ${row.intent}, and cannot be ${intent} now`);
      }
      return put({ ...row, intent, reason });
    },
    describeNode: async (name, description) => {
      if (!rows.has(name)) return;
      const before = descriptions.get(name);
      descriptions.set(name, description);
      if (!before || canonicalJson({ ...before }) !== canonicalJson({ ...description })) notices.tell('nodes', [name]);
    },
    noticeLostNodes: async (afterMs) =>
      [...rows.values()]
        .filter((row) => row.lostAt === null && row.removedAt === null && silentMs(row) > afterMs)
        .map((row) => put({ ...row, lostAt: now() })),
    removeNode: async (name, silentForMs) => {
      const row = find(name);
      if (!row) return false;
      if (row.intent !== 'drained' && silentMs(row) <= silentForMs) {
        throw new PlatformError('precondition_failed', `Node ${name} is ${row.intent} and its agent answers`);
      }
      put({ ...row, removedAt: now() });
      return true;
    },
    addJoinToken: async (token) => void tokens.set(token.hash, token),
    takeJoinToken: async (hash) => {
      const token = tokens.get(hash);
      tokens.delete(hash);
      return token && token.expiresAt > now() ? token : null;
    },
  };
}

function facts({ tier, region, address, labels, capacity }: NodeRecord): string {
  return canonicalJson({ tier, region, address, labels, capacity });
}
