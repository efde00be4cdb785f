import type { LogView } from '../../../console/src/lib/answers';
import { shownLines, withLines } from '../../../console/src/pages/function/log-lines';

const line = (id: number, text = 'a line', invocation: string | null = null): LogView => ({
  ...{ id: String(id), at: '2026-03-04T05:00:00.000Z', function: 'pay', revision: 1, node: 'n', instance: 'i' },
  ...{ invocation, stream: 'stdout', text },
});

test('a line that comes again, as after a break, is shown once; the newest stay', () => {
  const first = withLines([], [line(1), line(2)]);
  expect(withLines(first, [line(2)])).toBe(first);
  expect(withLines(first, [line(2), line(3)]).map(({ id }) => id)).toEqual(['1', '2', '3']);
  const many = withLines(
    first,
    Array.from({ length: 2_500 }, (_, i) => line(i + 10)),
  );
  expect(many).toHaveLength(2_000);
  expect(many.at(-1)?.id).toBe('2509');
});

test('lines are filtered by invocation and by text', () => {
  const lines = [line(1, 'Paid', 'abc-1'), line(2, 'refused', 'abc-2'), line(3, 'paid twice')];
  const ids = (invocation: string, text: string) => shownLines(lines, { invocation, text }).map(({ id }) => id);
  expect(ids('', '')).toEqual(['1', '2', '3']);
  expect(ids(' abc-2 ', '')).toEqual(['2']);
  expect(ids('abc', 'PAID')).toEqual(['1']);
});
