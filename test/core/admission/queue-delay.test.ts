import { QueueDelay } from '../../../core/admission/queue-delay';

test('a burst that empties in time is none of its business', () => {
  const delay = new QueueDelay(100, 1_000);
  for (let now = 0; now < 900; now += 100) delay.observe(now, now);
  expect(delay.stands(0, 900)).toBe(false);
});

test('a queue stands when for an interval nobody came through in time, until somebody does', () => {
  const delay = new QueueDelay(100, 1_000);
  for (let now = 0; now <= 1_000; now += 100) delay.observe(150, now);
  expect(delay.stands(950, 999)).toBe(false);
  expect(delay.stands(950, 1_000)).toBe(true);
  delay.observe(99, 1_100);
  expect(delay.stands(1_050, 1_100)).toBe(false);
  delay.observe(150, 1_200);
  expect(delay.stands(1_050, 2_100)).toBe(false);
  expect(delay.stands(1_050, 2_200)).toBe(true);
});

test('an empty queue does not stand', () => {
  const delay = new QueueDelay(100, 1_000);
  delay.observe(5_000, 0);
  expect(delay.stands(undefined, 10_000)).toBe(false);
});

test('a queue that nobody leaves stands by the age of its first', () => {
  const delay = new QueueDelay(100, 1_000);
  expect(delay.stands(0, 1_099)).toBe(false);
  expect(delay.stands(0, 1_100)).toBe(true);
});
