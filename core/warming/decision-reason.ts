import type { FunctionTarget } from './function-target';
import { peakOf } from './grant-targets';
import type { HeldBack } from './restrain-target';

/** What a decision rests on. */
export interface DecisionGrounds {
  readonly policy: string;
  readonly target: FunctionTarget;
  /** Slots that were in use ever. */
  readonly known: number;
  readonly floor: number;
  /** Calls that the next minute is expected to bring; null without a forecast. */
  readonly forecastMean: number | null;
  /** What budgets hold back of it. */
  readonly restraint: HeldBack;
  /** A budget covers it, and may be what it was capped by. */
  readonly budgeted: boolean;
  /** Nodes that may hold less than was asked for, with what they may. */
  readonly capped: readonly (readonly [node: string, granted: number])[];
}

/** Why so many instances are held, for people. */
export function decisionReason(grounds: DecisionGrounds): string {
  const { policy, target, known, floor, forecastMean, restraint, budgeted, capped } = grounds;
  const peak = peakOf(target);
  const parts = [
    peak === 0
      ? `${policy} holds nothing until the next decision`
      : `${policy} holds up to ${peak}, ${known} ${known === 1 ? 'is' : 'are'} known to be used at once`,
  ];
  if (forecastMean === null) parts.push('there is no forecast of this minute');
  else if (target.pool > 0) parts.push(`the forecast of ${forecastMean.toPrecision(3)} calls asks for ${target.pool}`);
  if (floor > 0) parts.push(`${floor} declared`);
  if (restraint.holdNothing)
    parts.push('its budget is spent: there is no money for calls, and none for what waits for them');
  else if (restraint.noPredictiveWarmth) parts.push('its budget pays for nothing that is only expected to be used');
  if (restraint.shortKeepAlive) parts.push('its budget shortens what is kept after use');
  const what = budgeted ? 'or what its budget leaves, allows' : 'allows';
  for (const [node, granted] of capped) parts.push(`memory of ${node}${budgeted ? ',' : ''} ${what} ${granted}`);
  return parts.join('; ');
}
