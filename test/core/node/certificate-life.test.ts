import { renewalDue } from '../../../core/node/certificate-life';

const life = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2031-01-01T00:00:00Z') };
const LIFE_MS = life.notAfter.getTime() - life.notBefore.getTime();
const after = (part: number): Date => new Date(life.notBefore.getTime() + part * LIFE_MS);

test.each([
  [0, false],
  [0.5, false],
  [0.61, true],
  [0.66, true],
  [1.5, true],
])('after %s of its life: %s', (part, due) => {
  expect(renewalDue(life, after(part))).toBe(due);
});
