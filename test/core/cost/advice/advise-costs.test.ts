import { adviceId } from '../../../../core/cost/advice/advice';
import { adviceChangeSchema, describeChange, describeUndo } from '../../../../core/cost/advice/advice-change';
import { adviseCosts } from '../../../../core/cost/advice/advise-costs';
import { adviceIdSchema } from '../../../../core/cost/advice/strategies';
import { evidence, facts, observed } from './observed';

const all = facts([observed(), observed({ name: 'cart', executeMs: 1, idleGbSeconds: { running: 0, frozen: 1 } })], {
  policies: [evidence('fixed:10m'), evidence('presage', { frozen: 10, lateShare: 0, waitedSeconds: 1 })],
});

it('puts the greatest saving first, leaves out what is not worth a cent, and takes only the strategies asked for', () => {
  const found = adviseCosts(all);
  expect(found.map(({ strategy, function: name }) => [strategy, name])).toEqual([
    ['right-size-memory', 'pay'],
    ['keep-alive', null],
  ]);
  expect(adviseCosts(all, ['keep-alive']).map(({ strategy }) => strategy)).toEqual(['keep-alive']);
  expect(adviseCosts(facts([]))).toEqual([]);
});

it('gives the same advice the same id, and every other another', () => {
  const [memory, policy] = adviseCosts(all);
  if (!memory || !policy) throw new Error('nothing was advised');
  expect(adviceId(memory)).toBe(adviceId({ ...memory }));
  expect(adviceIdSchema.parse(adviceId(memory))).toHaveLength(12);
  const { kind, ...change } = memory.change;
  expect(adviceId({ ...memory, change: { ...change, kind } as typeof memory.change })).toBe(adviceId(memory));
  expect(adviceId(policy)).not.toBe(adviceId(memory));
  expect(adviceId({ ...memory, strategy: 'right-size-cpu' })).not.toBe(adviceId(memory));
});

it('says of every change what it does and how it is taken back', () => {
  const changes = [
    {
      kind: 'spec',
      tenant: 'acme',
      function: 'pay',
      revision: 3,
      set: { memory: '80Mi', cpu: '1000m', checkpoint: 'never' },
    },
    { kind: 'policy', from: 'fixed:10m', to: 'presage' },
    { kind: 'move', tenant: 'acme', function: 'pay', from: 'west-1', to: 'east-1' },
    { kind: 'drain', node: 'east-2' },
  ].map((change) => adviceChangeSchema.parse(change));
  expect(changes.map(describeChange)).toEqual([
    'deploy acme/pay with resources.memory 80Mi and resources.cpu 1000m and checkpoint.when never instead of what revision 3 has',
    'put the policy presage in force instead of fixed:10m',
    'move acme/pay from west-1 to east-1',
    'drain east-2, then switch it off',
  ]);
  expect(changes.map(describeUndo)).toEqual([
    'point live at revision 3 again',
    'put fixed:10m in force again',
    'move it back to west-1',
    'make east-2 ready again',
  ]);
});
