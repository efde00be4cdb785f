import fc from 'fast-check';
import { sigmoid, tanh } from '../../../../core/forecast/lstm/activation';

test('the tangent is that of the platform, and both stay within their bounds', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (x) => {
      expect(Math.abs(tanh(x) - Math.tanh(x))).toBeLessThan(4e-16);
      expect(sigmoid(x)).toBeGreaterThanOrEqual(0);
      expect(sigmoid(x)).toBeLessThanOrEqual(1);
    }),
  );
});
