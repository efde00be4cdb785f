import path from 'node:path';
import { assetPath } from '../../../drivers/asset-path';
import { promtool } from '../support/prometheus-tools';

jest.setTimeout(180_000);

const at = (name: string): string => path.join(assetPath('deploy/prometheus'), name);
const rules = ['recording', 'alerts'].map((name) =>
  path.join(assetPath('deploy/chart/prometheus'), `${name}.rules.yaml`),
);

test('promtool finds nothing wrong with the rules, each by itself and with the configuration', async () => {
  expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...rules)).toContain('SUCCESS');
  expect(await promtool('check', 'config', at('prometheus.yaml'))).toContain('SUCCESS');
});

test('each alert fires for what it is there for, and none for a platform that is well', async () => {
  expect(await promtool('test', 'rules', at('alerts.test.yaml'))).toContain('SUCCESS');
});
