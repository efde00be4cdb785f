import { adviseCosts } from '../../../core/cost/advice/advise-costs';
import { ThreadCostAdvisor } from '../../../drivers/advisor/thread/thread-cost-advisor';
import { evidence, facts, observed } from '../../core/cost/advice/observed';

const advisor = new ThreadCostAdvisor();
afterAll(() => advisor.close());

it('advises in its thread what the strategies advise here', async () => {
  const seen = facts([observed()], { policies: [evidence('fixed:10m'), evidence('presage', { frozen: 10, lateShare: 0 })] }); // prettier-ignore
  expect(await advisor.advise({ facts: seen })).toEqual(adviseCosts(seen));
  expect(await advisor.advise({ facts: seen, only: ['consolidation'] })).toEqual([]);
});
