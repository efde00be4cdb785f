import { hybridModel, lstmModel } from '../../../bench/forecast/hybrid-model';
import { testPartOf } from '../../../bench/forecast/test-part';
import { walk } from '../../../bench/forecast/walk';
import { traced } from './traced-counts';

const LENGTH = 480;

test('a training that another row did is counted for each row that needs it', async () => {
  const part = testPartOf([
    traced(
      'a',
      Array.from({ length: LENGTH }, (_, minute) => (minute % 7 === 0 ? 5 : 0)),
    ),
  ]);
  const [first, second] = [lstmModel('LSTM'), hybridModel('hybrid')];
  await walk(first, part);
  const { cpuMsPerFunction } = await walk(second, part);
  expect(first.borrowedCpuMs?.()).toBe(0);
  expect(second.borrowedCpuMs?.()).toBeGreaterThan(0);
  expect(cpuMsPerFunction).toBeGreaterThan(second.borrowedCpuMs?.() ?? 0);
});

test('functions of one name and length with other counts have a training of their own', async () => {
  const part = (period: number) =>
    testPartOf([
      traced(
        'a',
        Array.from({ length: LENGTH }, (_, minute) => (minute % period === 0 ? 5 : 0)),
      ),
    ]);
  const fresh = (await walk(hybridModel('hybrid'), part(11))).table;
  await walk(hybridModel('hybrid'), part(13));
  const again = hybridModel('hybrid');
  const { table } = await walk(again, part(11));
  expect(again.borrowedCpuMs?.()).toBeGreaterThan(0);
  expect(table.point).toEqual(fresh.point);
  const other = hybridModel('hybrid');
  await walk(other, part(9));
  expect(other.borrowedCpuMs?.()).toBe(0);
});
