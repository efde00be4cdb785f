import { inTime } from '../../../drivers/timing/in-time';

const never = new Promise<never>(() => undefined);

test('an answer that comes in time is the answer, its failure the failure', async () => {
  expect(await inTime(Promise.resolve(3), 1_000)).toBe(3);
  await expect(inTime(Promise.reject(new Error('no')), 1_000)).rejects.toThrow('no');
});

test('one that does not come is given up, in the words of who asked', async () => {
  await expect(inTime(never, 5)).rejects.toThrow('no answer within 5 ms');
  await expect(inTime(never, 5, () => new RangeError('too late'))).rejects.toThrow(new RangeError('too late'));
});
