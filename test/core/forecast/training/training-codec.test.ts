import fc from 'fast-check';
import { EPOCHS, startTraining, trainEpoch } from '../../../../core/forecast/training/train-epoch';
import { decodeTraining, encodeTraining } from '../../../../core/forecast/training/training-codec';
import { trainingSet } from '../../../../core/forecast/training/training-set';

const counts = Float64Array.from({ length: 900 }, (_, minute) => (minute % 5 === 0 ? 3 : 0));
const set = trainingSet([{ history: { counts, firstMinute: 0 }, arima: null, until: 900 }]);

test('a training that goes on from bytes gives to the last bit what an unbroken one gives', () => {
  let unbroken = startTraining(set.shape, 7);
  let stored = encodeTraining(unbroken);
  for (let epoch = 0; epoch < Math.min(3, EPOCHS); epoch++) {
    unbroken = trainEpoch(unbroken, set);
    stored = encodeTraining(trainEpoch(decodeTraining(stored), set));
  }
  expect(decodeTraining(stored)).toEqual(unbroken);
});

test('bytes that were cut off or changed are refused, or give a state of the same shape', () => {
  const bytes = encodeTraining(startTraining(set.shape, 7));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), (length) => {
      expect(() => decodeTraining(bytes.slice(0, length))).toThrow('The state of a training is corrupt');
    }),
  );
  fc.assert(
    fc.property(fc.nat(400), fc.nat(255), (at, value) => {
      const changed = bytes.slice();
      changed[at] = value;
      try {
        expect(decodeTraining(changed).parameters).toHaveLength(decodeTraining(bytes).parameters.length);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_argument' });
      }
    }),
  );
});
