import { revisionRouteOf } from '../../../gateway/invocation/revision-route';
import { revisionRecord } from '../gateway-harness';

test.each([
  [{}, { weight: 1, max: 20, reserved: 0 }],
  [
    { concurrency: 10, scale: { max: 3 } },
    { weight: 1, max: 30, reserved: 0 },
  ],
  [
    { concurrency: 10, scale: { max: 3, maxInFlight: 7, reserved: 2 } },
    { weight: 1, max: 7, reserved: 2, shared: true },
  ],
  // More than its instances can serve would only wait elsewhere.
  [
    { concurrency: 1, scale: { max: 3, maxInFlight: 50 } },
    { weight: 1, max: 3, reserved: 0 },
  ],
])('a function gets places by what it says: %j', (spec, share) => {
  expect(revisionRouteOf(revisionRecord('f', spec)).share).toEqual(share);
});
