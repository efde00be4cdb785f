import fc from 'fast-check';
import { LinePlace, WaitingLine } from '../../../core/admission/waiting-line';

test('keeps its order whoever steps out', () => {
  const step = fc.oneof(fc.constant('join'), fc.nat(20));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const line = new WaitingLine<number>();
      const model: LinePlace<number>[] = [];
      steps.forEach((what, i) => {
        if (typeof what === 'string') {
          const place = new LinePlace(i, i);
          line.push(place);
          model.push(place);
        } else if (model.length > 0) {
          const [place] = model.splice(what % model.length, 1);
          expect(place && line.remove(place)).toBe(true);
          expect(place && line.remove(place)).toBe(false);
        }
        expect(line.length).toBe(model.length);
        expect(line.oldest).toBe(model[0]);
        expect(line.newest).toBe(model.at(-1));
      });
    }),
  );
});
