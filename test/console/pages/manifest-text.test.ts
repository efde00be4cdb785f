import { placed, readManifest } from '../../../console/src/pages/functions/manifest-text';

const TEXT = `apiVersion: presage.dev/v1
kind: Function
metadata:
  name: pay
spec:
  runtime: nodejs
  scale:
    min: 5
  triggers:
    - name: nightly
      cron: "0 3 * * *"
    - name: hook
      webhook: {}
`;

test('each problem stands at the line that it is about, or at the nearest above it', () => {
  const text = readManifest(TEXT);
  expect(text).toMatchObject({ name: 'pay', problems: [], manifest: { spec: { scale: { min: 5 } } } });
  const problems = [
    { path: 'spec.triggers.1.webhook', message: 'd' },
    { path: 'spec.handler', message: 'b' },
    { path: 'spec.scale.min', message: 'c' },
    { path: '(root)', message: 'a' },
  ];
  expect(placed(problems, text).map(({ message, line }) => [message, line])).toEqual([
    ['a', 1],
    ['b', 5],
    ['c', 8],
    ['d', 13],
  ]);
});

test('what is no YAML is told with its line, and how it is written', () => {
  const { problems, manifest } = readManifest('kind: Function\nmetadata: {name: [}\n');
  expect(manifest).toBeNull();
  expect(problems[0]).toMatchObject({ path: 'function.yaml', line: 2, hint: expect.stringContaining('colon') });
});

test('a manifest without a name is read all the same: the platform says what is missing', () => {
  expect(readManifest('kind: Function\n')).toMatchObject({ name: '', problems: [], manifest: { kind: 'Function' } });
  expect(readManifest('')).toMatchObject({ name: '', problems: [], manifest: null });
  expect(readManifest('metadata: {name: 7}')).toMatchObject({ name: '' });
});
