import { parseCpu, parseDuration, parseMemory } from '../../../core/function/quantity';

test.each([
  ['128Mi', 128 * 2 ** 20],
  ['1G', 1e9],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['4096', 4096],
])('memory %s', (text, bytes) => expect(parseMemory(text)).toBe(bytes));

test.each([
  ['250m', 250],
  ['0.5', 500],
  ['2', 2000],
])('cpu %s', (text, millis) => expect(parseCpu(text)).toBe(millis));

test.each([
  ['500ms', 500],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
])('duration %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

test.each(['', '12x', '-1Mi', 'Mi', '1 Gi', 'NaN'])('%p is no quantity', (text) => {
  expect(() => parseMemory(text)).toThrow(/128Mi/);
  expect(() => parseCpu(text)).toThrow(/250m/);
  expect(() => parseDuration(text)).toThrow(/500ms/);
});
