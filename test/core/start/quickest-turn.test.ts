import { QuickestTurn } from '../../../core/start/quickest-turn';

test('knows nothing at first, then the quickest', () => {
  const turn = new QuickestTurn();
  expect(turn.ms).toBeNull();
  for (const ms of [5, 3, 9]) turn.note(ms);
  expect(turn.ms).toBe(3);
});

test('is not misled by a crowd, and forgets what has not come again for two hundred turns', () => {
  const turn = new QuickestTurn();
  turn.note(1);
  for (let i = 0; i < 150; i++) turn.note(50);
  expect(turn.ms).toBe(1);
  for (let i = 0; i < 50; i++) turn.note(50);
  expect(turn.ms).toBe(50);
});
