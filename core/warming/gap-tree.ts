import { edgeOf, GAP_BINS } from './gap-scale';

/** Leaves of the tree, a power of two that all bins fit in. */
const LEAVES = 256;
/** Strength of the prior at each branch, in gaps. */
const STRENGTH = 1;
/** A branch below which gaps follow the prior's shape, before any is seen. */
const SHAPELESS = 0.5;
const [LEAST, MOST] = [1e-6, 1 - 1e-4];
/** Seconds about which the prior's even logarithmic spread begins, its last second, and what lies beyond all bins. */
const PRIOR_SCALE = 120;
const PRIOR_END = 1e6;
const PRIOR_BEYOND = 0.1;
/** Leaves beyond the bins are impossible, but a branch without any mass could not be divided by. */
const NEXT_TO_NOTHING = 1e-15;

/** Prior mass under each node of the tree; node 1 is the root, node n has the children 2n and 2n + 1. */
const PRIOR = priorMasses();
const mass = new Float64Array(2 * LEAVES);
const spread = new Float64Array(2 * LEAVES);

/**
 * The distribution of a slot's gaps: a Pólya tree over bins of time, which at each branch weighs by its evidence whether the
 * gaps below it follow the prior's shape (even in the logarithm of time) or are to be told apart further: so it is sharp where
 * many gaps are alike, and broad where few were seen. Weights as in context-tree weighting (Willems, Shtarkov, Tjalkens,
 * "The context-tree weighting method", 1995); trees as in Lavine, "Some aspects of Pólya tree distributions", 1992.
 */
export class GapTree {
  readonly #counts = new Float64Array(2 * LEAVES);
  /** Weight of "the prior's shape" at each inner node. */
  readonly #shapeless = new Float64Array(LEAVES).fill(SHAPELESS);

  /** Takes in a gap. @param bin 0 to `GAP_BINS` */
  add(bin: number): void {
    const counts = this.#counts;
    const shapeless = this.#shapeless;
    const leaf = LEAVES + bin;
    const leafPrior = PRIOR[leaf] as number;
    // How likely this bin was among those under the node, as the tree below it had it.
    let likely = 1;
    for (let node = leaf; node > 1; node >>= 1) {
      const parent = node >> 1;
      const parentPrior = PRIOR[parent] as number;
      const total = (counts[2 * parent] as number) + (counts[2 * parent + 1] as number);
      const share = (PRIOR[node] as number) / parentPrior;
      const told = (((counts[node] as number) + STRENGTH * share) / (total + STRENGTH)) * likely;
      const alike = leafPrior / parentPrior;
      const weight = shapeless[parent] as number;
      likely = weight * alike + (1 - weight) * told;
      shapeless[parent] = Math.min(MOST, Math.max(LEAST, (weight * alike) / likely));
    }
    for (let node = leaf; node > 1; node >>= 1) counts[node] = (counts[node] as number) + 1;
  }

  /** Writes the probability of each bin, `GAP_BINS + 1` numbers that sum to 1. */
  fill(probabilities: Float64Array): void {
    const counts = this.#counts;
    mass[1] = 1;
    spread[1] = 0;
    for (let node = 1; node < LEAVES; node++) {
      const left = 2 * node;
      const own = mass[node] as number;
      const weight = this.#shapeless[node] as number;
      const prior = PRIOR[node] as number;
      const even = (spread[node] as number) + (weight * own) / prior;
      const count = counts[left] as number;
      const total = count + (counts[left + 1] as number);
      const share = (count + (STRENGTH * (PRIOR[left] as number)) / prior) / (total + STRENGTH);
      const told = (1 - weight) * own;
      mass[left] = told * share;
      mass[left + 1] = told * (1 - share);
      spread[left] = even;
      spread[left + 1] = even;
    }
    for (let bin = 0; bin <= GAP_BINS; bin++) {
      const leaf = LEAVES + bin;
      probabilities[bin] = (mass[leaf] as number) + (spread[leaf] as number) * (PRIOR[leaf] as number);
    }
  }
}

function priorMasses(): Float64Array {
  const masses = new Float64Array(2 * LEAVES).fill(NEXT_TO_NOTHING);
  const below = (seconds: number): number => Math.log1p(seconds / PRIOR_SCALE) / Math.log1p(PRIOR_END / PRIOR_SCALE);
  for (let bin = 0; bin < GAP_BINS; bin++) masses[LEAVES + bin] = below(edgeOf(bin + 1)) - below(edgeOf(bin));
  masses[LEAVES + GAP_BINS] = PRIOR_BEYOND;
  for (let node = LEAVES - 1; node > 0; node--) {
    masses[node] = (masses[2 * node] as number) + (masses[2 * node + 1] as number);
  }
  return masses;
}
