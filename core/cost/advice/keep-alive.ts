import type { Advice, Strategy } from './advice';
import type { AdviceFacts, PolicyEvidence } from './advice-facts';
import { monthly } from './monthly';
import { picoOf } from '../money';

/** A saving below this share of what warmth costs now is noise. */
const LEAST_SHARE = 0.02;
/** Fewer calls say nothing of a policy; so many over a day say enough. */
const [FEWEST_CALLS, SURE_CALLS] = [100, 10_000] as const;
const DAY_MS = 86_400_000;

/**
 * The policy that is cheapest on the same recording, what is held and what callers wait together, among those that let no more calls come
 * late and are charged less. The saving is what the ledger would see of it: warmth, and credits for calls that came late.
 */
export const keepAlive: Strategy = {
  name: 'keep-alive',
  description: 'the warming policy that is cheapest on a recording and lets no more calls come late',
  advise(facts) {
    const [live, ...others] = facts.policies;
    if (!live || live.calls < FEWEST_CALLS) return [];
    const before = chargedCost(live, facts);
    const bound = warmthCost(live, facts) + waitCost(live, facts);
    const best = others
      .filter(({ lateShare }) => lateShare <= live.lateShare)
      .map((other) => ({
        other,
        charged: chargedCost(other, facts),
        priced: warmthCost(other, facts) + waitCost(other, facts),
      }))
      .filter(({ charged, priced }) => Number(before - charged) > LEAST_SHARE * Number(before) && priced < bound)
      .sort((a, b) => Number(a.priced - b.priced))[0];
    return best ? [adviceOf(live, best.other, { before, after: best.charged })] : [];
  },
};

/** What the idle warmth of a replay costs, in picodollars. */
function warmthCost({ idleGbSeconds }: PolicyEvidence, { tiers }: Pick<AdviceFacts, 'tiers'>): bigint {
  return idleGbSeconds.reduce(
    (sum, { tier, running, frozen }) =>
      sum + BigInt(picoOf(running, tiers[tier].gbSecondRunning)) + BigInt(picoOf(frozen, tiers[tier].gbSecondFrozen)),
    0n,
  );
}

/** What the ledger would have of a replay: warmth, and credits for calls that came late. */
export function chargedCost(evidence: PolicyEvidence, facts: Pick<AdviceFacts, 'tiers'>): bigint {
  return warmthCost(evidence, facts) + BigInt(picoOf(evidence.lateSeconds, dearestSecond(facts)));
}

/** What waits are worth: a second costs what one over an SLA does, where that is dearest. */
function waitCost({ waitedSeconds }: PolicyEvidence, facts: AdviceFacts): bigint {
  return BigInt(picoOf(waitedSeconds, dearestSecond(facts)));
}

function dearestSecond({ tiers }: Pick<AdviceFacts, 'tiers'>): number {
  return Math.max(...Object.values(tiers).map(({ slaSecond }) => slaSecond));
}

function adviceOf(
  live: PolicyEvidence,
  other: PolicyEvidence,
  { before, after }: { readonly before: bigint; readonly after: bigint },
): Advice {
  const monthOf = (amount: bigint): bigint => monthly(amount, live.windowMs);
  const percent = (share: number): number => Number((100 * share).toFixed(4));
  return {
    strategy: 'keep-alive',
    tenant: null,
    function: null,
    title: `${other.policy} had been cheaper than ${live.policy} on the same calls, and let no more of them come late`,
    evidence: [
      { name: 'calls replayed', value: live.calls, unit: null },
      {
        name: `warmth and credits under ${live.policy}`,
        value: Number(monthOf(before)) / 1e12,
        unit: 'dollars a month',
      },
      {
        name: `warmth and credits under ${other.policy}`,
        value: Number(monthOf(after)) / 1e12,
        unit: 'dollars a month',
      },
      { name: `cold under ${live.policy}`, value: percent(live.coldShare), unit: '%' },
      { name: `cold under ${other.policy}`, value: percent(other.coldShare), unit: '%' },
      { name: `late under ${live.policy}`, value: percent(live.lateShare), unit: '%' },
      { name: `late under ${other.policy}`, value: percent(other.lateShare), unit: '%' },
      { name: `waited under ${live.policy}`, value: live.waitedSeconds, unit: 's' },
      { name: `waited under ${other.policy}`, value: other.waitedSeconds, unit: 's' },
    ],
    monthlySaving: monthOf(before - after),
    confidence: live.calls >= SURE_CALLS && live.windowMs >= DAY_MS ? 'high' : 'medium',
    change: { kind: 'policy', from: live.policy, to: other.policy },
  };
}
