import { consoleLine } from '../../../workers/all/summary';
import { loadConfig } from '../../../workers/config';

const lineOf = (settings: Record<string, string>) =>
  consoleLine(loadConfig({ PRESAGE_CONFIG: '/dev/null', ...settings }, { dataDir: '/data' }));

test('the ready text says where the key of the console is, and never the key; without a console nothing', () => {
  expect(lineOf({})).toMatch(/\/data\/client\.json .*presage key create NAME --scope read$/);
  expect(lineOf({ PRESAGE__GATEWAY__CONSOLE: 'false' })).toBeNull();
});
