import { parseManifest } from '../../../core/function/manifest';
import { environment, limitSettings, placeSettings } from '../../../console/src/pages/function/settings-view';

const manifest = parseManifest({
  apiVersion: 'presage.dev/v1',
  kind: 'Function',
  metadata: { name: 'pay' },
  spec: {
    runtime: 'nodejs',
    handler: 'index.handler',
    env: { MODE: 'fast' },
    secrets: [{ name: 'token', env: 'API_TOKEN' }],
    scale: { min: 1, max: 4 },
    concurrency: 3,
    sla: { latencyMs: 200 },
  },
});

test('limits are told with their defaults and where they stand', () => {
  const value = (name: string) => limitSettings(manifest).find((setting) => setting.name === name)?.value;
  expect(value('Instances')).toBe('1 to 4');
  expect(value('Requests passed on at once')).toBe('12');
  expect(value('Promise')).toBe('99 % of the answers within 200 ms');
  for (const { path } of [...limitSettings(manifest), ...placeSettings(manifest)]) expect(path).toMatch(/^spec\.\w/);
  expect(placeSettings(manifest)[0]?.value).toBe('nodejs index.handler');
});

test('a secret is named, never told', () => {
  expect(environment(manifest)).toEqual([
    { name: 'API_TOKEN', value: 'the secret token', secret: true },
    { name: 'MODE', value: 'fast', secret: false },
  ]);
});
