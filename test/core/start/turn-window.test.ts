import { TurnWindow } from '../../../core/start/turn-window';

test('knows nothing at first, then the quickest', () => {
  const turn = new TurnWindow(Math.min);
  expect(turn.value).toBeNull();
  for (const ms of [5, 3, 9]) turn.note(ms);
  expect(turn.value).toBe(3);
});

test('or the greatest', () => {
  const share = new TurnWindow(Math.max);
  for (const part of [0.5, 0.9, 0.1]) share.note(part);
  expect(share.value).toBe(0.9);
});

test('is not misled by a crowd, and forgets what has not come again for two hundred turns', () => {
  const turn = new TurnWindow(Math.min);
  turn.note(1);
  for (let i = 0; i < 150; i++) turn.note(50);
  expect(turn.value).toBe(1);
  for (let i = 0; i < 50; i++) turn.note(50);
  expect(turn.value).toBe(50);
});
