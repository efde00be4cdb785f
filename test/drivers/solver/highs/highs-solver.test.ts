import * as fc from 'fast-check';
import { CaseTerms } from '../../../../core/placement/case-terms';
import { exhaustive } from '../../../../core/placement/solvers/exhaustive';
import { PartModel, type Part } from '../../../../core/placement/solvers/part-model';
import { search } from '../../../../core/placement/solvers/search';
import { costBreakdown } from '../../../../core/placement/cost-breakdown';
import { violationsOf } from '../../../../core/placement/violations';
import { HighsSolver } from '../../../../drivers/solver/highs/highs-solver';
import { anyCase, fn, GB, node, placementCase } from '../../../core/placement/placement-builder';

const highs = new HighsSolver();
const options = { seconds: 30, gap: 1e-9 };

it('agrees with looking at all assignments', async () => {
  await fc.assert(
    fc.asyncProperty(anyCase({ nodes: 4, functions: 5 }), async (problem) => {
      const model = new PartModel(new CaseTerms(problem));
      const [{ at }, exact] = [exhaustive(model, Infinity), await highs.solve(model, options)];
      expect(exact.status).toBe(at ? 'optimal' : 'infeasible');
      if (at) expect(exact.cost).toBeCloseTo(model.cost(at), 3);
    }),
    { numRuns: 60 },
  );
});

it('is never bettered by the search, which finds a placement wherever there is one', async () => {
  await fc.assert(
    fc.asyncProperty(anyCase({ nodes: 7, functions: 12 }), async (problem) => {
      const exact = await highs.solve(new PartModel(new CaseTerms(problem)), options);
      const placement = search.solve(problem, 1);
      expect(violationsOf(problem, placement).length === 0).toBe(exact.status === 'optimal');
      if (exact.status !== 'optimal') return;
      const cost = costBreakdown(problem, placement).total;
      expect(cost).toBeGreaterThanOrEqual(exact.cost - 1e-6 * Math.abs(exact.cost) - 1e-6);
      expect(cost).toBeLessThanOrEqual(exact.cost * 1.05 + 1e-6);
    }),
    { numRuns: 60 },
  );
});

it('keeps parts of one function in different regions', async () => {
  const nodes = [node('a'), node('b'), node('c', { region: 'west', priceFactor: 9 })];
  const terms = new CaseTerms(placementCase(nodes, [fn('f', { replicas: { min: 2, max: 2 } })]));
  const part: Part = { fn: 0, regions: [], share: 0.5, must: [] };
  const { at } = await highs.solve(new PartModel(terms, [part, part]), options);
  expect([...at!].filter((place) => place === 2)).toHaveLength(1);
});

it('says what has no placement', async () => {
  const functions = ['f', 'g', 'h'].map((id) => fn(id, { memoryBytes: 2 * GB }));
  const nodes = ['a', 'b'].map((name) => node(name, { memoryBytes: 3 * GB }));
  const solution = await highs.solve(new PartModel(new CaseTerms(placementCase(nodes, functions))), options);
  expect(solution).toMatchObject({ status: 'infeasible', at: null });
  const never = placementCase(nodes, [fn('f', { tiers: ['central'] })]);
  expect(await highs.solve(new PartModel(new CaseTerms(never)), options)).toMatchObject({ status: 'infeasible' });
});

it('has nothing to do without functions', async () => {
  const model = new PartModel(new CaseTerms(placementCase([node('a')], [])));
  expect(await highs.solve(model, options)).toMatchObject({ status: 'optimal', cost: 0 });
});
