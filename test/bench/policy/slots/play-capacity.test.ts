import { callsInOrder } from '../../../../bench/policy/slots/calls-in-order';
import { playCapacity } from '../../../../bench/policy/slots/play-capacity';
import { pricedPerStart, type SlotFunction } from '../../../../bench/policy/slots/slot-function';
import { greedyDual } from '../../../../core/warming/policies/greedy-dual';
import { oneSlot, slotOf } from './one-slot';

const ALL = { from: 0, to: 100 };

function played(functions: readonly SlotFunction[], capacityGb: number) {
  const ranking = greedyDual.ranking?.();
  if (!ranking) throw new Error('greedy-dual ranks');
  const first = (fn: SlotFunction) => pricedPerStart(fn, 1).first;
  return playCapacity(functions, ranking, first, [ALL], capacityGb)[0]?.map(({ cold, heldGbSeconds }) => [cold, heldGbSeconds]); // prettier-ignore
}

test('with room for all each starts once and stays', () => {
  const functions = [oneSlot([10, 30], { id: 'a' }), oneSlot([20], { id: 'b' })];
  expect(played(functions, 2)).toEqual([
    [1, 19 + 69],
    [1, 79],
  ]);
});

test('with room for one the other goes, and with none what is in use stays', () => {
  const functions = [oneSlot([10, 30], { id: 'a' }), oneSlot([20], { id: 'b' })];
  // b evicts a at 20, a evicts b at 30.
  expect(played(functions, 1)).toEqual([
    [2, 9 + 69],
    [1, 9],
  ]);
  const atOnce = [oneSlot([10], { id: 'a' }), oneSlot([10.5], { id: 'b' })];
  expect(played(atOnce, 1)).toEqual([
    [1, 89],
    [1, 88.5],
  ]);
});

test('what is used often, starts slowly and is small outlives the others', () => {
  const functions = [
    oneSlot([1, 3, 5, 40], { id: 'often' }),
    oneSlot([10, 50], { id: 'once' }),
    oneSlot([20], { id: 'third' }),
  ];
  expect(played(functions, 2)?.map(([cold]) => cold)).toEqual([1, 2, 1]);
});

test('calls of all slots come in the order of their time', () => {
  const seen: (readonly [number, number, number])[] = [];
  const functions = [oneSlot([], { slots: [slotOf([5, 9]), slotOf([6])] }), oneSlot([1, 6, 20])];
  callsInOrder(functions, (slot, at, until) => seen.push([slot, at, until]));
  expect(seen).toEqual([
    [2, 1, 2],
    [0, 5, 6],
    [1, 6, 7],
    [2, 6, 7],
    [0, 9, 10],
    [2, 20, 21],
  ]);
});
