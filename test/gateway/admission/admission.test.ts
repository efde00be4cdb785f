import type { PlatformError } from '../../../core/error/platform-error';
import type { Share } from '../../../core/admission/share';
import { Admission, type Admittee, type AdmissionOptions, type Place } from '../../../gateway/admission/admission';
import { until } from '../gateway-harness';

const even: Share = { weight: 1, max: Number.POSITIVE_INFINITY, reserved: 0 };
const made: Admission[] = [];
afterEach(() => made.splice(0).forEach((admission) => admission.close()));

function setUp(maxInFlight: number, queue: Partial<AdmissionOptions['queue']> = {}) {
  const admission = new Admission({
    maxInFlight,
    shareOf: () => even,
    queue: { maxPerFunction: 100, maxTotal: 100, target: 1_000, interval: 1_000, ...queue },
  });
  made.push(admission);
  return admission;
}

const of = (tenant: string, name = 'f'): Admittee => ({ tenant, functionId: `${tenant}/${name}`, share: even });

/** Who waits: what became of it. */
function wait(admission: Admission, who: Admittee, deadlineMs = 10_000) {
  const gone = new AbortController();
  const state: { place?: Place; error?: PlatformError; leave: () => void } = { leave: () => gone.abort() };
  admission.wait(who, deadlineMs, gone.signal).then(
    (place) => (state.place = place),
    (error: PlatformError) => (state.error = error),
  );
  return state;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a place that is given back goes to who waits longest', async () => {
  const admission = setUp(1);
  const place = admission.tryEnter(of('a'));
  const [first, second] = [wait(admission, of('a')), wait(admission, of('a'))];
  expect(admission.tryEnter(of('a'))).toBeUndefined();
  expect(admission.queued).toBe(2);
  if (place) admission.leave(place);
  await settled();
  expect([first.place !== undefined, second.place]).toEqual([true, undefined]);
  expect([admission.inFlight, admission.queued]).toEqual([1, 1]);
});

test('at the deadline a request is told when to come back', async () => {
  const admission = setUp(1);
  admission.tryEnter(of('a'));
  const late = wait(admission, of('a'), 20);
  await until(() => late.error, 'the refusal');
  expect(late.error).toMatchObject({ code: 'capacity', retryAfterSeconds: 1 });
  expect(admission.shed.deadline).toBe(1);
  expect(admission.queued).toBe(0);
});

test('who leaves makes room in the queue', async () => {
  const admission = setUp(1, { maxPerFunction: 1 });
  const place = admission.tryEnter(of('a'));
  const quitter = wait(admission, of('a'));
  quitter.leave();
  const stayer = wait(admission, of('a'));
  await settled();
  expect(quitter.error).toBeDefined();
  if (place) admission.leave(place);
  await settled();
  expect(stayer.place).toBeDefined();
  expect(admission.shed).toEqual({ queue_full: 0, overload: 0, pushed_out: 0, deadline: 0 });
});

test('a full queue of a function refuses the newest, and no other function', async () => {
  const admission = setUp(1, { maxPerFunction: 2 });
  admission.tryEnter(of('a'));
  const [one, two, three] = [wait(admission, of('a')), wait(admission, of('a')), wait(admission, of('a'))];
  const other = wait(admission, of('a', 'g'));
  await settled();
  expect([one.error, two.error, other.error]).toEqual([undefined, undefined, undefined]);
  expect(three.error).toMatchObject({ code: 'capacity', message: '2 requests for the function wait already' });
  expect(admission.shed.queue_full).toBe(1);
});

test('where the gateway’s queue is full the newest of the tenant with the most waiting gives way', async () => {
  const admission = setUp(1, { maxTotal: 4 });
  admission.tryEnter(of('hog'));
  const hogs = [1, 2, 3, 4].map(() => wait(admission, of('hog')));
  const quiet = wait(admission, of('quiet'));
  const another = wait(admission, of('hog'));
  await settled();
  expect(hogs.map(({ error }) => error?.code)).toEqual([undefined, undefined, undefined, 'capacity']);
  expect([quiet.error, another.error?.code]).toEqual([undefined, 'capacity']);
  expect(admission.shed).toMatchObject({ pushed_out: 1, queue_full: 1 });
});

test('sheds newcomers while a queue stands, keeps who waits, and takes newcomers again by itself', async () => {
  const admission = setUp(1, { target: 20, interval: 60 });
  const place = admission.tryEnter(of('a'));
  if (!place) throw new Error('no place in an empty gateway');
  // Every place of a function is as good as another.
  const serveOne = async (): Promise<void> => {
    admission.leave(place);
    await settled();
  };
  const comers: ReturnType<typeof wait>[] = [];
  for (let i = 0; i < 50 && !comers.some(({ error }) => error); i++) {
    // Two come where one goes.
    comers.push(wait(admission, of('a')), wait(admission, of('a')));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await serveOne();
  }
  const shed = comers.filter(({ error }) => error);
  expect(shed.map(({ error }) => error?.code)).toEqual(shed.map(() => 'capacity'));
  expect(shed).toEqual(comers.slice(-shed.length));
  expect(shed[0]?.error?.message).toBe('More requests for the function come than it gets through');
  expect(admission.shed).toEqual({ queue_full: 0, overload: shed.length, pushed_out: 0, deadline: 0 });
  // It catches up: everybody who waited is served.
  while (admission.inFlight > 0) await serveOne();
  expect(comers.every(({ place: got, error }) => (got === undefined) !== (error === undefined))).toBe(true);
  admission.tryEnter(of('a'));
  const after = wait(admission, of('a'));
  await settled();
  expect(after.error).toBeUndefined();
});

test('a gateway that stops sends away who waits, not who is in', async () => {
  const admission = setUp(1);
  admission.tryEnter(of('a'));
  const waiting = wait(admission, of('a'));
  admission.close();
  const late = wait(admission, of('a'));
  await settled();
  expect([waiting.error?.code, late.error?.code]).toEqual(['draining', 'draining']);
  expect(admission.inFlight).toBe(1);
});
