import { z } from 'zod';
import { parseMemory } from '../../../core/function/quantity';
import { START_CAUSES, START_KINDS } from '../../../core/start/start';
import { explainStart, type PastCall } from '../../../core/warming/explain-start';
import { policyOf } from '../../../core/warming/policies/policy-of';
import { initialTrial, policiesOnTrial } from '../../../core/warming/policy-trial';
import { rungsOf } from '../../../core/warming/prices';
import { StartTimes } from '../../../core/warming/start-times';
import { RUNGS, type WarmFunction } from '../../../core/warming/warming-policy';
import type { InvocationRecord, RevisionRecord } from '../../../drivers/store/store';
import type { EndedCall } from '../../../drivers/store/warming-store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, KEYED, tenantQuery } from '../api-schemas';
import { findInvocation } from '../find-invocation';

/** Beside those on trial: what people know. */
const COMPARED = ['presage', 'hybrid-histogram:4h', 'fixed:10m'];
/** Of the past, as much as has no more calls than can be laid out at once. */
const LOOK_BACK_MS = [24, 3, 0.25].map((hours) => hours * 3_600_000);
const MOST_CALLS = 5_000;
/** Calls that were running when this one came have ended so much later. */
const LOOK_AHEAD_MS = 600_000;
const GB = 1e9;

const price = z.number().describe('micro-dollars');
const explanationSchema = z
  .object({
    id: z.string(),
    kind: z.enum(START_KINDS).nullable(),
    cause: z.enum(START_CAUSES).nullable().describe('why it was not hot'),
    waitedMs: z.number().describe('for its instance'),
    price: price.describe('of that wait, in micro-dollars'),
    busy: z.number().int().describe('instances in use when it came'),
    restedSeconds: z
      .number()
      .nullable()
      .describe(
        'since the instance that it would have taken was used; null: it would have taken one more than ever before',
      ),
    rungs: z
      .array(z.object({ rung: z.enum(RUNGS), delayMs: z.number(), price }))
      .describe(
        'what would have kept it warm, and for how much: for the whole rest, or for a minute of one more instance',
      ),
    policies: z
      .array(
        z.object({
          policy: z.string(),
          rung: z.enum(RUNGS).describe('on which it would have found its instance'),
          price,
        }),
      )
      .describe('what policies had done, and what they had spent on it'),
  })
  .meta({ id: 'StartExplanation' });
export type StartExplanationView = z.output<typeof explanationSchema>;

/** Why a call was not served at once, and what that would have cost. */
export function explanationRoutes(app: ApiApp, context: ApiContext): void {
  const { store, warmingPrices, warmingPolicy } = context;
  app.get(
    '/v1/invocations/:id/explanation',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'explainInvocation',
        tags: ['invocations'],
        summary: 'Why an invocation found no better instance, and what would have kept one warm',
        params: z.strictObject({ id: z.string().min(1).max(200) }),
        querystring: tenantQuery,
        response: answers({ 200: explanationSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const invocation = await findInvocation(context, tenant, request.params.id);
      const revision =
        invocation.revision === null ? null : await store.findRevision(invocation.functionId, invocation.revision);
      const calls = await callsAround(invocation);
      const waitedMs = invocation.kind === 'hot' ? 0 : invocation.queueMs + invocation.startMs;
      const policies = [...policiesOnTrial((await store.policyTrial()) ?? initialTrial(warmingPolicy)), ...COMPARED];
      const explained = revision
        ? explainStart(
            await warmFunction(revision, calls),
            calls.map(pastCall),
            invocation.at.getTime() / 1000,
            [...new Set(policies)].map(policyOf),
          )
        : { busy: 0, restSeconds: null, rungs: [], policies: [] };
      return {
        id: invocation.id,
        kind: invocation.kind,
        cause: invocation.cause,
        waitedMs,
        price: (waitedMs / 1000) * warmingPrices.waitSecond,
        busy: explained.busy,
        restedSeconds: explained.restSeconds,
        rungs: explained.rungs.map(({ delaySeconds, ...rung }) => ({ ...rung, delayMs: delaySeconds * 1000 })),
        policies: [...explained.policies],
      };
    },
  );

  /** Those of the same function before and around it. */
  async function callsAround({ functionId, at }: InvocationRecord): Promise<readonly EndedCall[]> {
    let calls: readonly EndedCall[] = [];
    for (const back of LOOK_BACK_MS) {
      calls = await store.callsBetween({
        from: new Date(at.getTime() - back),
        to: new Date(at.getTime() + LOOK_AHEAD_MS),
        perFunction: MOST_CALLS,
        functionIds: [functionId],
      });
      if (calls.every(({ standsFor }) => standsFor === 1)) break;
    }
    return calls;
  }

  async function warmFunction(revision: RevisionRecord, calls: readonly EndedCall[]): Promise<WarmFunction> {
    const { resources, scale, concurrency } = revision.manifest.spec;
    const checkpoints = await store.checkpoints({ revisionId: revision.id, states: ['ready'] });
    const starts = StartTimes.of(revision);
    for (const { kind, waitMs } of calls) starts.learn(kind, waitMs / 1000);
    const executeMs = calls.reduce((sum, call) => sum + call.executeMs, 0) / Math.max(1, calls.length);
    const memoryGb = parseMemory(resources.memory) / GB;
    return {
      id: revision.functionId,
      memoryGb,
      rungs: rungsOf({ memoryGb, hasCheckpoint: checkpoints.length > 0 }, warmingPrices, starts),
      executeSeconds: executeMs / 1000,
      concurrency,
      min: scale.min,
      max: scale.max,
    };
  }
}

function pastCall({ at, totalMs }: EndedCall): PastCall {
  const arrival = at.getTime() / 1000;
  return { at: arrival, end: arrival + totalMs / 1000 };
}
