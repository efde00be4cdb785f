import { waste, type PolicyScore } from './policy-score';

/** A policy at several prices. */
export type Front = readonly PolicyScore[];

/**
 * What a front has at so much waste: between the two prices around it, by a straight line in waste and in the logarithm of the
 * value. @returns null outside of the prices that were played
 */
export function atWaste(front: Front, millions: number, read: (score: PolicyScore) => number): number | null {
  return between(front, millions, waste, read);
}

/** The waste, in millions of GB·s, at which a front has a value. @returns null outside of the prices that were played */
export function wasteFor(front: Front, value: number, read: (score: PolicyScore) => number): number | null {
  return value > 0
    ? between(front, Math.log(value), (score) => Math.log(Math.max(read(score), 1e-9)), waste, true)
    : null;
}

function between(
  front: Front,
  at: number,
  x: (score: PolicyScore) => number,
  y: (score: PolicyScore) => number,
  straight = false,
): number | null {
  const points = front.map((score) => ({ x: x(score), y: y(score) })).sort((a, b) => a.x - b.x);
  for (let index = 1; index < points.length; index++) {
    const [low, high] = [points[index - 1] as { x: number; y: number }, points[index] as { x: number; y: number }];
    if (at < low.x || at > high.x) continue;
    const share = high.x > low.x ? (at - low.x) / (high.x - low.x) : 0;
    if (straight || low.y <= 0 || high.y <= 0) return low.y + share * (high.y - low.y);
    return low.y * (high.y / low.y) ** share;
  }
  return null;
}
