import type { WarmingPolicy } from '../warming/warming-policy';
import { checkCase } from './check-case';
import type { CourtCase } from './court-case';
import { replayCalls } from './replay-calls';
import { verdictOf, type PolicyVerdict } from './verdict';

/**
 * Replays one recording under each policy. Equal input gives equal verdicts, in the order of the policies.
 * @throws PlatformError invalid_argument with all problems of the recording
 */
export function judge(court: CourtCase, policies: readonly WarmingPolicy[]): PolicyVerdict[] {
  checkCase(court);
  return policies.map((policy) => verdictOf(court, replayCalls(court, policy)));
}
