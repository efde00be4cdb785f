import { spikeBar, spikeScores, tallySpikes } from '../../../core/forecast/spikes';

test('the bar is two deviations above the trailing hour, and never below half a request', () => {
  expect(spikeBar(new Array<number>(60).fill(4))).toBeCloseTo(4, 8);
  expect(
    spikeBar([...new Array<number>(40).fill(100), ...new Array<number>(30).fill(2), ...new Array<number>(30).fill(4)]),
  ).toBeCloseTo(5, 8);
  expect(spikeBar([])).toBeCloseTo(0.5, 8);
  expect(spikeBar([0, 0, 0])).toBeCloseTo(0.5, 8);
});

test('a step more or less is near enough, both ways', () => {
  expect(tallySpikes([0, 9, 0, 0, 0, 9], [9, 0, 0, 9, 0, 0], 5)).toEqual({
    spikes: 2,
    foretold: 1,
    alarms: 2,
    right: 1,
    minutes: 6,
  });
});

test('scores add up over forecasts', () => {
  const one = tallySpikes([9, 0], [9, 0], 5);
  const other = tallySpikes([0, 0, 9], [9, 0, 0], 5);
  expect(spikeScores([one, other])).toEqual({ recall: 0.5, precision: 0.5, falseAlarmRate: 1 / 5 });
  expect(spikeScores([])).toEqual({ recall: null, precision: null, falseAlarmRate: null });
  expect(spikeScores([tallySpikes([0], [0], 5)])).toEqual({ recall: null, precision: null, falseAlarmRate: 0 });
});
