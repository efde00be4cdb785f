import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1';
import { podStateOf } from '../../../../drivers/sandbox/kubernetes/pod-state';

function pod(change: { status?: Pod['status']; deleted?: boolean } = {}): Pod {
  return {
    metadata: {
      uid: 'u',
      name: 'p',
      labels: { 'presage.dev/workload': 'w' },
      ...(change.deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    ...(change.status ? { status: change.status } : {}),
  };
}

function status(change: Partial<ContainerStatus>): Pod['status'] {
  const own: ContainerStatus = { name: 'function', image: '', imageID: '', ready: false, restartCount: 0, ...change };
  return { phase: 'Running', containerStatuses: [own] };
}

const ended = (exitCode: number, reason = 'Error') => ({ terminated: { exitCode, reason } });

test('pods of others are none of ours', () => {
  expect(podStateOf({ metadata: { uid: 'u', name: 'p', labels: {} } })).toBeNull();
});

test('a pod that runs has neither ended nor failed', () => {
  expect(podStateOf(pod({ status: status({ state: { running: {} } }) }))).toEqual({
    uid: 'u',
    name: 'p',
    workload: 'w',
    terminating: false,
    exit: null,
    failure: null,
  });
  expect(podStateOf(pod({ deleted: true }))?.terminating).toBe(true);
});

test.each([
  ['a code', status({ state: ended(3) }), { code: 3, signal: null, outOfMemory: false }],
  ['a signal', status({ state: ended(139) }), { code: null, signal: 'SIGSEGV', outOfMemory: false }],
  ['memory', status({ state: ended(137, 'OOMKilled') }), { code: null, signal: 'SIGKILL', outOfMemory: true }],
  [
    'a code, and was started again',
    status({ state: { running: {} }, lastState: ended(1), restartCount: 1 }),
    { code: 1, signal: null, outOfMemory: false },
  ],
])('a container that ended by %s', (_, given, exit) => {
  expect(podStateOf(pod({ status: given }))?.exit).toEqual(exit);
});

test.each([
  ['ErrImagePull', 'no such image'],
  ['CrashLoopBackOff', 'it exited with code 78'],
])('%s is a failure that says why', (reason, why) => {
  const waiting = { waiting: { reason, message: 'no such image' } };
  const lastState = reason === 'CrashLoopBackOff' ? ended(78) : {};
  const state = podStateOf(pod({ status: status({ state: waiting, lastState }) }));
  expect(state).toMatchObject({ failure: expect.stringContaining(why) as string });
});

test('waiting for the image to come is no failure', () => {
  const waiting = { waiting: { reason: 'ContainerCreating' } };
  expect(podStateOf(pod({ status: status({ state: waiting }) }))?.failure).toBeNull();
});

test('a container that prepares the pod and fails is its failure', () => {
  const state = podStateOf(
    pod({
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          {
            name: 'code',
            image: '',
            imageID: '',
            ready: false,
            restartCount: 2,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: ended(8),
          },
        ],
      },
    }),
  );
  expect(state?.failure).toContain('"code" that prepares it');
});
