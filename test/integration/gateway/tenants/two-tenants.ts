import { randomBytes } from 'node:crypto';
import { API_KEY_RANDOM_BYTES, newApiKey } from '../../../../core/crypto/api-key';
import { budgetSpecSchema } from '../../../../core/budget/budget-spec';
import { parseManifest } from '../../../../core/function/manifest';
import { SecretVault } from '../../../../drivers/secrets/secret-vault';
import type { Store } from '../../../../drivers/store/store';
import {
  packed,
  sampleEvent,
  sampleInstance,
  sampleInvocation,
  sampleLog,
} from '../../../drivers/store/sample-records';
import { sampleAdvice } from '../../../drivers/store/advice-contract';
import { sampleForecast, sampleModel } from '../../../drivers/store/forecast-contract';
import { sampleDecision, sampleMove, samplePlan } from '../../../drivers/store/placement-decision-contract';
import { sampleWarmth } from '../../../drivers/store/warming-contract';
import { manifestOf } from '../../../gateway/api/api-harness';

/** In everything of acme's that no path names; never in an answer to anybody else. */
export const MARK = 'zebra';
export const OWNER = 'acme';
export const RIVAL = 'rival';
export const FUNCTION = 'ledger';
const BUDGET = 'month';
/** A recommendation of its. */
const ADVICE = '0123456789ab';
/** Its forecast model. */
const MODEL = `sha256:${'e'.repeat(64)}`;

/** What acme has, by the names that paths know it by. */
export interface OwnedIds {
  readonly key: string;
  readonly keyId: string;
  readonly functionId: string;
  readonly deployment: string;
  readonly invocation: string;
  /** Of an asynchronous invocation; empty before the gateway has accepted one. */
  readonly async: string;
}

export async function makeKey(store: Store, tenant: string, scopes: string[], expiresAt: Date | null = null) {
  const { key, prefix, hash } = newApiKey(randomBytes(API_KEY_RANDOM_BYTES));
  const name = tenant === OWNER ? `${MARK} key` : 'key';
  const { id } = await store.createApiKey({ tenant, name, prefix, hash, scopes, expiresAt });
  return { key, id };
}

/** One of everything a tenant can have. */
export async function fillOwner(store: Store, masterKey: Buffer): Promise<OwnedIds> {
  await Promise.all([store.ensureTenant(OWNER), store.ensureTenant(RIVAL)]);
  const { key, id: keyId } = await makeKey(store, OWNER, ['admin']);
  for (const limited of [null, keyId])
    await store.putLimits(OWNER, limited, { rate: { requests: 9_999, window: '7s' } });
  const spec = budgetSpecSchema.parse({ limit: '9876.54', functions: [MARK] });
  await store.putBudget({ tenant: OWNER, name: BUDGET, spec, origin: 'api' });
  const manifest = parseManifest({
    ...manifestOf(FUNCTION, { env: { TOKEN: MARK } }),
    metadata: { name: FUNCTION, labels: { team: MARK } },
  });
  const made = await store.createRevision({ tenant: OWNER, manifest, digest: `${MARK}-digest`, codeDigest: `sha256:${'a'.repeat(64)}`, codeKind: 'layer' }); // prettier-ignore
  await store.noteCode(OWNER, `sha256:${'a'.repeat(64)}`);
  await store.setRevisionState(made.revision.id, 'ready');
  for (const alias of ['live', 'canary']) {
    await store.setAlias(made.function.id, alias, [{ revision: made.revision.number, weight: 100 }]);
  }
  const place = { tenant: OWNER, function: FUNCTION, revision: 1 };
  await store.createDeployment({ ...place, id: 'deployment-1', workflowId: `${MARK}-workflow` });
  const moved = { tenant: OWNER, function: FUNCTION, from: `${MARK}-from`, to: 'local', reason: 'person' } as const;
  await store.createMigration({ ...moved, id: 'migration-1', workflowId: `migrate/${MARK}` });
  await store.createCheckpoint({ ...place, id: `${MARK}-checkpoint`, revisionId: made.revision.id, node: 'local', hostKey: MARK }); // prettier-ignore
  await store.upsertInstances([sampleInstance({ tenant: OWNER, function: FUNCTION, id: `${MARK}-instance` })]);
  const invocation = { id: 'invocation-1', tenant: OWNER, function: FUNCTION, functionId: made.function.id };
  await store.writeInvocations(packed([sampleInvocation({ ...invocation, at: new Date(), path: `/${MARK}` })]));
  const { id: functionId } = made.function;
  await store.addForecastModel(sampleModel({ functionId, id: MODEL, tenant: OWNER, function: FUNCTION, reason: MARK }));
  await store.writeForecasts([sampleForecast({ functionId, at: new Date(), modelId: MODEL, spoke: MARK })]);
  await store.writeWarmth([
    sampleWarmth({ functionId, tenant: OWNER, function: FUNCTION, at: new Date(), reason: MARK }),
  ]);
  await store.importHistory({ tenant: OWNER, source: MARK, series: [{ functionId: made.function.id, first: new Date(0), counts: Int32Array.of(1) }] }); // prettier-ignore
  const own = { function: `${OWNER}/${FUNCTION}`, reason: MARK };
  const assignment = samplePlan().assignment.map((row) => ({ ...row, ...own, nodes: [MARK] }));
  const plan = samplePlan({ moves: [sampleMove(own)], reason: MARK, notes: [MARK], assignment });
  await store.writePlacementDecision(sampleDecision({ plan }));
  const change = { kind: 'spec', tenant: OWNER, function: FUNCTION, revision: 1, set: { memory: '64Mi' } } as const;
  const advice = sampleAdvice({ id: ADVICE, tenant: OWNER, function: FUNCTION, title: MARK, change });
  await store.replaceAdvice([advice], { at: new Date(), tenant: OWNER, strategies: null });
  await writeMarks(store);
  await store.writeAudit([{ at: new Date(), tenant: OWNER, principal: `${MARK}-person`, action: 'putSecret', resource: `/v1/secrets/${MARK}`, before: null, after: null, requestId: MARK, address: '10.9.8.7', outcome: 'allowed', status: 204 }]); // prettier-ignore
  await new SecretVault(store, { current: masterKey, previous: [] }).put(OWNER, 'token', MARK);
  return {
    key,
    keyId,
    functionId: made.function.id,
    deployment: 'deployment-1',
    invocation: 'invocation-1',
    async: '',
  };
}

/** What streams would carry. */
export async function writeMarks(store: Store): Promise<void> {
  await store.writeLogs([sampleLog({ tenant: OWNER, function: FUNCTION, invocationId: 'invocation-1', text: MARK })]);
  await store.writeEvents([sampleEvent({ tenant: OWNER, function: FUNCTION, data: { word: MARK } })]);
}

/**
 * The path of an operation with acme's own things in it. A parameter that is not known here is of a new route: say what
 * of acme's it names, so that the route is tried with it.
 */
export function ownedPath(template: string, ids: OwnedIds): string {
  const values: Readonly<Record<string, string>> = {
    '/v1/functions/{name}': FUNCTION,
    '/v1/functions/{name}/aliases/{alias}': 'canary',
    '/v1/functions/{name}/forecast/models/{id}': MODEL,
    '/v1/functions/{name}/revisions/{number}': '1',
    '/v1/async/{id}': ids.async,
    '/v1/budgets/{name}': BUDGET,
    '/v1/cost/ledger/checks/{id}': '0193c8b2-7f5e-7c40-8000-000000000003',
    '/v1/deployments/{id}': ids.deployment,
    '/v1/invocations/{id}': ids.invocation,
    '/v1/keys/{id}': ids.keyId,
    '/v1/migrations/{id}': 'migration-1',
    '/v1/nodes/{name}': 'local',
    '/v1/secrets/{name}': 'token',
    '/v1/tenants/{tenant}': OWNER,
    '/v1/placement/plans/{id}': '0193c8b2-7f5e-7c40-8000-000000000002',
    '/v1/cost/recommendations/{id}': ADVICE,
    '/v1/cost/searches/{id}': '0193c8b2-7f5e-7c40-8000-000000000003',
    '/v1/warming/court/{id}': '0193c8b2-7f5e-7c40-8000-000000000001',
  };
  let path = '';
  let known = '';
  for (const segment of template.split('/').slice(1)) {
    known += `/${segment}`;
    const value = /^\{/.test(segment) ? values[known] : segment;
    if (value === undefined) throw new Error(`${template} is new here: give acme one, and name it in ownedPath`);
    path += `/${value}`;
  }
  return path;
}
