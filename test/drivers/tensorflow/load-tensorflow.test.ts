import { createRequire } from 'node:module';
import { chooseEngine } from '../../../drivers/tensorflow/choose-engine';
import { loadTensorflow } from '../../../drivers/tensorflow/load-tensorflow';

const require_ = createRequire(__filename);
const missing = (name: string): never => {
  throw new Error(`Cannot find module '${name}'\nRequire stack:`);
};

test('without the native package it is WebAssembly, and a line says so', async () => {
  const lines: string[] = [];
  const load = (name: string): unknown => (name === '@tensorflow/tfjs-node' ? missing(name) : require_(name));
  const tf = await loadTensorflow((line) => lines.push(line), load);
  expect(tf.getBackend()).toBe('wasm');
  expect(lines).toEqual([
    "Forecasts are trained by TensorFlow.js as WebAssembly; @tensorflow/tfjs-node, which is used where it is installed, is not: Cannot find module '@tensorflow/tfjs-node'",
  ]);
});

test('the native package goes first', async () => {
  const lines: string[] = [];
  const native = { ready: () => Promise.resolve() };
  expect(await loadTensorflow((line) => lines.push(line), () => native)).toBe(native); // prettier-ignore
  expect(lines[0]).toContain('with its native library');
});

test('where neither is there, it says what to install', async () => {
  await expect(loadTensorflow(() => undefined, missing)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/npm install @tensorflow\/tfjs-core @tensorflow\/tfjs-layers .*set it to own/),
  });
});

test('one function chooses', async () => {
  const lines: string[] = [];
  const log = (line: string): unknown => lines.push(line);
  expect((await chooseEngine('own', log)).name).toBe('own');
  expect((await chooseEngine('tfjs', log)).name).toBe('tfjs');
  expect(lines).toHaveLength(2);
});
