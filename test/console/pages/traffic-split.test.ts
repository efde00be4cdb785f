import type { AliasView, RevisionView } from '../../../console/src/lib/answers';
import { revisionBefore, sharesText, splitOf, typedWeights } from '../../../console/src/pages/function/traffic-split';

const alias = (name: string, ...weights: [revision: number, weight: number][]): AliasView => ({
  ...{ name, generation: 1, updatedAt: '2026-03-04T05:00:00.000Z' },
  weights: weights.map(([revision, weight]) => ({ revision, weight })),
});
const revision = (number: number, state: RevisionView['state'] = 'ready'): RevisionView => ({
  ...{ id: String(number), function: 'pay', number, digest: 'd', codeDigest: 'c', codeKind: 'layer', state },
  ...{ error: null, createdAt: '2026-03-04T05:00:00.000Z', manifest: {} },
});

test('what is typed becomes weights; what is empty or nought gets no traffic', () => {
  expect(splitOf({ 1: '90', 2: ' 10 ', 3: '', 4: '0' })).toEqual({
    ...{ sum: 100, problems: {} },
    weights: [{ revision: 1, weight: 90 }, { revision: 2, weight: 10 }], // prettier-ignore
  });
  const { problems, sum } = splitOf({ 1: 'all', 2: '10.5', 3: '101', 4: '20' });
  expect(Object.keys(problems)).toEqual(['1', '2', '3']);
  expect(problems[1]).toContain('write e.g. 10');
  expect(sum).toBe(20);
  expect(typedWeights(alias('live', [1, 90], [2, 10]))).toEqual({ 1: '90', 2: '10' });
  expect(typedWeights(undefined)).toEqual({});
});

test('a rollback goes to the newest ready revision below all that live points at', () => {
  const all = [revision(5), revision(4, 'failed'), revision(3), revision(2), revision(1, 'retired')];
  expect(revisionBefore(all, alias('live', [5, 100]))).toBe(3);
  expect(revisionBefore(all, alias('live', [5, 50], [3, 50]))).toBe(2);
  expect(revisionBefore(all, alias('live', [2, 100]))).toBeNull();
  expect(revisionBefore(all, undefined)).toBeNull();
});

test('a revision names the aliases that send to it', () => {
  const aliases = [alias('canary', [5, 100]), alias('live', [4, 90], [5, 10])];
  expect(sharesText(5, aliases)).toBe('canary, live 10 %');
  expect(sharesText(1, aliases)).toBe('none');
});
