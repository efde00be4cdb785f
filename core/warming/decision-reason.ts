import type { FunctionTarget } from './function-target';
import { peakOf } from './grant-targets';

/** What a decision rests on. */
export interface DecisionGrounds {
  readonly policy: string;
  readonly target: FunctionTarget;
  /** Slots that were in use ever. */
  readonly known: number;
  readonly floor: number;
  /** Calls that the next minute is expected to bring; null without a forecast. */
  readonly forecastMean: number | null;
  /** Nodes that may hold less than was asked for, with what they may. */
  readonly capped: readonly (readonly [node: string, granted: number])[];
}

/** Why so many instances are held, for people. */
export function decisionReason({ policy, target, known, floor, forecastMean, capped }: DecisionGrounds): string {
  const peak = peakOf(target);
  const parts = [
    peak === 0
      ? `${policy} holds nothing until the next decision`
      : `${policy} holds up to ${peak}, ${known} ${known === 1 ? 'is' : 'are'} known to be used at once`,
  ];
  if (forecastMean === null) parts.push('there is no forecast of this minute');
  else if (target.pool > 0) parts.push(`the forecast of ${forecastMean.toPrecision(3)} calls asks for ${target.pool}`);
  if (floor > 0) parts.push(`${floor} declared`);
  for (const [node, granted] of capped) parts.push(`memory of ${node} allows ${granted}`);
  return parts.join('; ');
}
