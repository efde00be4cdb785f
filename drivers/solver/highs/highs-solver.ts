import loadHighs, { type Highs } from 'highs';
import type { PartModel } from '../../../core/placement/solvers/part-model';
import type { ExactSolution, ExactSolver } from '../exact-solver';
import { nodesOf, placementLp } from './placement-lp';

const NOTHING = { at: null, cost: Infinity } as const;

/** HiGHS compiled to WebAssembly. It blocks its thread while it solves. */
export class HighsSolver implements ExactSolver {
  #highs: Promise<Highs> | undefined;

  async solve(model: PartModel, { seconds, gap }: { seconds: number; gap: number }): Promise<ExactSolution> {
    if (model.parts.length === 0) return { status: 'optimal', at: new Int32Array(0), cost: 0, bound: 0 };
    if (model.parts.some((_, part) => nodesOf(model, part).length === 0)) {
      return { status: 'infeasible', ...NOTHING, bound: Infinity };
    }
    this.#highs ??= loadHighs();
    const highs = await this.#highs;
    const scale = Math.max(1e-9, typicalCost(model));
    const result = highs.solve(placementLp(model, scale), { time_limit: seconds, mip_rel_gap: gap });
    if (result.Status === 'Infeasible') return { status: 'infeasible', ...NOTHING, bound: Infinity };
    const at = Int32Array.from(model.parts, (_, part) => {
      const node = nodesOf(model, part).find((each) => (result.Columns[`x_${part}_${each}`]?.Primal ?? 0) > 0.5);
      return node ?? -1;
    });
    if (at.includes(-1)) return { status: 'timeout', ...NOTHING, bound: -Infinity };
    const cost = model.cost(at);
    const optimal = result.Status === 'Optimal';
    return { status: optimal ? 'optimal' : 'timeout', at, cost, bound: optimal ? cost * (1 - gap) : -Infinity };
  }
}

/** The mean over parts of what they cost on their nodes on the mean. */
function typicalCost(model: PartModel): number {
  const means = model.parts.map((_, part) => {
    const nodes = nodesOf(model, part);
    return nodes.reduce((sum, node) => sum + model.linear[part * model.nodes + node]!, 0) / nodes.length;
  });
  return means.reduce((sum, mean) => sum + mean, 0) / means.length;
}
