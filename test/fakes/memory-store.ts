import { randomUUID } from 'node:crypto';
import { PlatformError } from '../../core/error/platform-error';
import type {
  AliasRecord,
  CheckpointRecord,
  DeploymentRecord,
  FunctionRecord,
  RevisionRecord,
  Store,
  TenantRecord,
} from '../../drivers/store/store';
import type { LimitRecord } from '../../drivers/store/limit-store';
import { memoryAdvice } from './memory-advice';
import { memoryAudit } from './memory-audit';
import { memoryBudgets } from './memory-budgets';
import { memoryCosts } from './memory-costs';
import { memoryAuthority } from './memory-authority';
import { memoryDeclaredPolicies } from './memory-declared-policies';
import { memoryForecasts } from './memory-forecasts';
import { memoryHeld } from './memory-held';
import { memoryHistory } from './memory-history';
import { memoryIdentity } from './memory-identity';
import { memoryPage } from './memory-list';
import { memoryNodes } from './memory-nodes';
import { MemoryNotices } from './memory-notices';
import { memoryPlacements } from './memory-placements';
import { memoryPolicies } from './memory-policies';
import { memoryRecords } from './memory-records';
import { memoryPlacementDecisions } from './memory-placement-decisions';
import { memoryOverview } from './memory-overview';
import { memoryTrafficMap } from './memory-traffic-map';
import { memoryWarming } from './memory-warming';

type FunctionRow = FunctionRecord & { readonly deleted: boolean };

/** A store for unit tests: keeps the contract of its siblings, forgets everything with the process. */
export type MemoryStore = Store & { readonly notices: MemoryNotices };

export function createMemoryStore(now: () => Date = () => new Date()): MemoryStore {
  const notices = new MemoryNotices();
  const { charge, chargeKept, ...costs } = memoryCosts(
    () => allInvocations(),
    (tally, window) => tallyKept(tally, window),
  );
  const { allInvocations, ...records } = memoryRecords(notices, charge);
  const tenants = new Map<string, TenantRecord>();
  const limits = new Map<string, LimitRecord>();
  const functions: FunctionRow[] = [];
  const revisions: RevisionRecord[] = [];
  const aliases: AliasRecord[] = [];
  const deployments: DeploymentRecord[] = [];
  const checkpoints: CheckpointRecord[] = [];

  const needTenant = (name: string): void => {
    if (!tenants.has(name)) throw new PlatformError('not_found', `There is no tenant ${name}`);
  };
  const liveFunction = (tenant: string, name: string): FunctionRow | undefined =>
    functions.find((row) => row.tenant === tenant && row.name === name && !row.deleted);
  const replace = <T>(rows: T[], old: T, change: Partial<T>): T => {
    const next = { ...old, ...change };
    rows[rows.indexOf(old)] = next;
    return next;
  };
  const routesChanged = (functionId: string): void => {
    const fn = functions.find((row) => row.id === functionId);
    if (fn) notices.tell('routes', [`${fn.tenant}/${fn.name}`]);
  };
  const placements = memoryPlacements({
    now,
    isLive: (id) => functions.some((row) => row.id === id && !row.deleted),
    routesChanged,
  });
  const { allLatestForecasts, ...forecasts } = memoryForecasts(now, () => functions.filter((row) => !row.deleted));
  const nodes = memoryNodes(now, notices);
  const { tallyKept, ...held } = memoryHeld(chargeKept, async () => {
    const tiers = new Map((await nodes.nodes()).map(({ name, tier }) => [name, tier]));
    return checkpoints.flatMap((checkpoint) => {
      const revision = revisions.find(({ id }) => id === checkpoint.revisionId);
      const owner = functions.find(({ id }) => id === revision?.functionId);
      return owner ? [{ checkpoint, owner, tier: tiers.get(checkpoint.node) ?? 'central' }] : [];
    });
  });
  const publicFunction = ({ deleted: _deleted, ...row }: FunctionRow): FunctionRecord => row;

  return {
    notices,
    ...memoryIdentity(now, needTenant),
    ...memoryAudit(),
    ...memoryAuthority(),
    ...records,
    ...costs,
    ...memoryHistory(records.minuteCounts, (id) => functions.some((row) => row.id === id)),
    ...memoryPolicies(now),
    ...memoryDeclaredPolicies(),
    ...memoryBudgets({ now, notices, needTenant, functions: () => functions, ledger: costs.ledger, ...records }),
    ...placements,
    ...nodes,
    ...held,
    ...memoryTrafficMap(allInvocations),
    ...memoryOverview(records.minuteCounts, allInvocations),
    ...memoryPlacementDecisions(),
    ...memoryAdvice(() => functions.map(({ id }) => id), held.heldMinutes),
    ...forecasts,
    ...memoryWarming({
      invocations: allInvocations,
      minuteCounts: records.minuteCounts,
      forecasts: allLatestForecasts,
    }),
    subscribe: notices.subscribe,
    migrate: async () => undefined,
    ping: async () => undefined,
    close: async () => undefined,
    maintainPartitions: async () => undefined,

    ensureTenant: async (name) => {
      const tenant = tenants.get(name) ?? { id: randomUUID(), name, createdAt: now() };
      tenants.set(name, tenant);
      return tenant;
    },
    tenants: async () => [...tenants.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),

    limits: async () => [...limits.values()],
    putLimits: async (tenant, keyId, own) => {
      needTenant(tenant);
      limits.set(`${tenant}/${keyId ?? ''}`, { tenant, keyId, limits: own, updatedAt: now() });
      notices.tell('limits', [tenant]);
    },
    deleteLimits: async (tenant, keyId) => {
      const known = limits.delete(`${tenant}/${keyId ?? ''}`);
      if (known) notices.tell('limits', [tenant]);
      return known;
    },

    createRevision: async ({ tenant, manifest, digest, codeDigest, codeKind }) => {
      needTenant(tenant);
      const { name, labels } = manifest.metadata;
      const known = liveFunction(tenant, name);
      const found = known ?? {
        id: randomUUID(),
        tenant,
        name,
        labels,
        createdAt: now(),
        generation: 1,
        deleted: false,
      };
      if (!known) functions.push(found);
      const labelled = replace(functions, found, { labels });
      const old = revisions.find((row) => row.functionId === labelled.id && row.digest === digest);
      if (old) return { function: publicFunction(labelled), revision: old, created: false };
      const number = revisions.filter((row) => row.functionId === labelled.id).length + 1;
      const revision: RevisionRecord = {
        id: randomUUID(),
        functionId: labelled.id,
        tenant,
        function: name,
        number,
        digest,
        manifest: structuredClone(manifest),
        codeDigest,
        codeKind,
        state: 'pending',
        error: null,
        createdAt: now(),
      };
      revisions.push(revision);
      const fn = replace(functions, labelled, { generation: labelled.generation + (number > 1 ? 1 : 0) });
      routesChanged(fn.id);
      return { function: publicFunction(fn), revision, created: true };
    },
    setRevisionState: async (id, state, error) => {
      const revision = revisions.find((row) => row.id === id);
      if (!revision) throw new PlatformError('not_found', `There is no revision ${id}`);
      replace(revisions, revision, { state, ...(error === undefined ? {} : { error }) });
      routesChanged(revision.functionId);
    },
    functions: async (tenant, page = {}) => {
      const found = functions.filter((row) => row.tenant === tenant && !row.deleted).map(publicFunction);
      return memoryPage('functions', found.sort((a, b) => (a.name < b.name ? -1 : 1)), page, (row) => row.name); // prettier-ignore
    },
    findFunction: async (tenant, name) => {
      const found = liveFunction(tenant, name);
      return found ? publicFunction(found) : null;
    },
    deleteFunction: async (tenant, name) => {
      const found = liveFunction(tenant, name);
      if (!found) return false;
      replace(functions, found, { deleted: true });
      for (const alias of aliases.filter((row) => row.functionId === found.id))
        aliases.splice(aliases.indexOf(alias), 1);
      for (const row of revisions.filter(
        (revision) => revision.functionId === found.id && revision.state !== 'failed',
      )) {
        replace(revisions, row, { state: 'retired' });
      }
      notices.tell('routes', [`${tenant}/${name}`]);
      return true;
    },
    revisions: async (functionId) =>
      revisions.filter((row) => row.functionId === functionId).sort((a, b) => b.number - a.number),
    findRevision: async (functionId, number) =>
      revisions.find((row) => row.functionId === functionId && row.number === number) ?? null,
    aliases: async (...functionIds) =>
      aliases.filter((row) => functionIds.includes(row.functionId)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    setAlias: async (functionId, name, weights, ifGeneration) => {
      if (weights.reduce((sum, share) => sum + share.weight, 0) !== 100) {
        throw new PlatformError('invalid_argument', 'The weights of an alias must sum to 100');
      }
      for (const { revision } of weights) {
        if (!revisions.some((row) => row.functionId === functionId && row.number === revision)) {
          throw new PlatformError('not_found', `There is no revision ${revision}`);
        }
      }
      const old = aliases.find((row) => row.functionId === functionId && row.name === name);
      if (ifGeneration !== undefined && (old?.generation ?? 0) !== ifGeneration) {
        throw new PlatformError('precondition_failed', `The alias ${name} has changed since it was read`);
      }
      const next = {
        functionId,
        name,
        weights: structuredClone(weights),
        generation: (old?.generation ?? 0) + 1,
        updatedAt: now(),
      };
      if (old) aliases[aliases.indexOf(old)] = next;
      else aliases.push(next);
      routesChanged(functionId);
      return next;
    },
    deleteAlias: async (functionId, name) => {
      const old = aliases.find((row) => row.functionId === functionId && row.name === name);
      if (!old) return false;
      aliases.splice(aliases.indexOf(old), 1);
      routesChanged(functionId);
      return true;
    },
    routes: async () => ({
      functions: await Promise.all(
        functions
          .filter((fn) => !fn.deleted)
          .map(async ({ id, tenant, name }) => {
            const own = aliases.filter((row) => row.functionId === id).sort((a, b) => (a.name < b.name ? -1 : 1));
            const named = new Set(own.flatMap((alias) => alias.weights.map((share) => share.revision)));
            const served = revisions.filter((row) => row.functionId === id && named.has(row.number));
            const placement = await placements.placementOf(id);
            return { functionId: id, tenant, name, aliases: own, revisions: served, placement };
          }),
      ),
    }),

    createDeployment: async (input) => {
      if (deployments.some((row) => row.id === input.id)) throw new PlatformError('conflict', 'The deployment exists');
      const row: DeploymentRecord = {
        ...input,
        state: 'running',
        step: 'queued',
        error: null,
        createdAt: now(),
        endedAt: null,
      };
      deployments.push(row);
      return row;
    },
    updateDeployment: async (id, change) => {
      const row = deployments.find((candidate) => candidate.id === id);
      if (!row) throw new PlatformError('not_found', `There is no deployment ${id}`);
      const ended = change.state === 'succeeded' || change.state === 'failed';
      replace(deployments, row, { ...change, ...(ended ? { endedAt: row.endedAt ?? now() } : {}) });
    },
    findDeployment: async (tenant, id) => deployments.find((row) => row.tenant === tenant && row.id === id) ?? null,
    deployments: async (query) => {
      const found = deployments.filter(
        (row) =>
          row.tenant === query.tenant &&
          (query.function === undefined || row.function === query.function) &&
          (query.revision === undefined || row.revision === query.revision) &&
          (query.state === undefined || row.state === query.state),
      );
      return memoryPage('deployments', found.reverse(), query, (row) => row.id);
    },

    createCheckpoint: async (input) => {
      const row: CheckpointRecord = {
        ...input,
        state: 'making',
        rawBytes: 0,
        sealedBytes: 0,
        digest: null,
        pauseMs: null,
        failures: 0,
        reason: null,
        createdAt: now(),
      };
      checkpoints.push(row);
      return row;
    },
    updateCheckpoint: async (id, change) => {
      const row = checkpoints.find((candidate) => candidate.id === id);
      if (!row) throw new PlatformError('not_found', `There is no checkpoint ${id}`);
      replace(checkpoints, row, change);
    },
    checkpoints: async (query) =>
      checkpoints
        .filter(
          (row) =>
            (query.tenant === undefined || row.tenant === query.tenant) &&
            (query.function === undefined || row.function === query.function) &&
            (query.revisionId === undefined || row.revisionId === query.revisionId) &&
            (query.node === undefined || row.node === query.node) &&
            (query.states === undefined || query.states.includes(row.state)),
        )
        .reverse(),
  };
}
