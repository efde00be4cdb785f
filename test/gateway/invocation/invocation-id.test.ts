import { invocationId } from '../../../gateway/invocation/invocation-id';

test('ids are UUIDs of version 7 that carry their time and never repeat', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const ids = Array.from({ length: 5_000 }, () => invocationId(at));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(at);
  }
  expect(invocationId(at) < invocationId(at + 1)).toBe(true);
});
