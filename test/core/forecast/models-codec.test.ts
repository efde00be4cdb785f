import fc from 'fast-check';
import { UNCALIBRATED } from '../../../core/forecast/calibration';
import { GATED } from '../../../core/forecast/expert-pool';
import { decodeFunctionModel, encodeFunctionModel } from '../../../core/forecast/function-model';
import { decodeNetwork, encodeNetwork, type NetworkModel } from '../../../core/forecast/network-model';
import { startTraining } from '../../../core/forecast/training/train-epoch';
import { hybridShape } from '../../../core/forecast/window-input';

function network(): NetworkModel {
  const shape = hybridShape(GATED.length);
  const { parameters } = startTraining(shape, 1);
  return { shape, gated: GATED, features: true, parameters, calibration: UNCALIBRATED, epochs: 3 };
}

const MODEL = {
  arima: { p: 1, d: 0, coefficients: [0.5], constant: 1, largest: 9, sigma: 0.3 },
  network: 'sha256:abc',
  window: { from: 10, to: 20 },
};

test('a network comes back as it was, to 32 bits', () => {
  const before = network();
  const after = decodeNetwork(encodeNetwork(before));
  expect(after).toEqual({ ...before, parameters: before.parameters.map(Math.fround) });
});

test('a model of a function comes back as it was', () => {
  expect(decodeFunctionModel(encodeFunctionModel(MODEL))).toEqual({ format: 'presage-function/1', ...MODEL });
});

test('bytes that were cut, changed or never were a model are refused with a sentence', () => {
  const whole = { network: encodeNetwork(network()), function: encodeFunctionModel(MODEL) };
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const cut = whole.network.subarray(0, seed % whole.network.length);
      expect(() => decodeNetwork(cut)).toThrow(/corrupt/);
      expect(() => decodeFunctionModel(whole.function.subarray(0, seed % whole.function.length))).toThrow(/corrupt/);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => decodeNetwork(bytes)).toThrow(/corrupt/);
      expect(() => decodeFunctionModel(bytes)).toThrow(/corrupt/);
    }),
  );
  const spoiled = whole.network.slice();
  spoiled.fill(0xff, spoiled.length - 4);
  expect(() => decodeNetwork(spoiled)).toThrow(/no number/);
});
