import type { EndpointSlice } from 'kubernetes-types/discovery/v1';
import type { Pod } from 'kubernetes-types/core/v1';
import { PlatformError } from '../../../../core/error/platform-error';
import { PodBook } from '../../../../drivers/sandbox/kubernetes/pod-book';
import type { WorkloadCalls } from '../../../../drivers/sandbox/kubernetes/pod-count';
import { Workload } from '../../../../drivers/sandbox/kubernetes/workload';
import { testRunSpec } from '../run-spec';
import { waitFor } from '../wait-for';

const NAME = 'f-sample-1';
const LABELS = { 'presage.dev/workload': NAME };

/** Kubernetes as far as one Deployment goes: it makes and takes pods, in an order of its own, and says so. */
class OneDeployment implements WorkloadCalls {
  readonly book = new PodBook();
  readonly said: string[] = [];
  readonly pods = new Map<string, { ready: boolean; marked: boolean }>();
  /** Calls that fail from now on. */
  away = false;
  refusal: PlatformError | null = null;
  /** Null: there is none. */
  replicas: number | null = null;
  /** What new pods are before they are ready. */
  slow = false;
  #count = 0;

  async createWorkload(_spec: unknown, replicas: number): Promise<void> {
    this.#call(`create ${replicas}`);
    this.replicas = replicas;
    this.#settle();
    return Promise.resolve();
  }

  async scale(_name: string, replicas: number): Promise<boolean> {
    this.#call(`scale ${replicas}`);
    if (this.replicas === null) return false;
    this.replicas = replicas;
    this.#settle();
    return Promise.resolve(true);
  }

  async removeWorkload(): Promise<void> {
    this.#call('remove');
    this.replicas = null;
    for (const name of [...this.pods.keys()]) this.drop(name);
    return Promise.resolve();
  }

  async markPod(pod: string): Promise<void> {
    this.#call(`mark ${pod}`);
    const known = this.pods.get(pod);
    if (known) known.marked = true;
    return Promise.resolve();
  }

  async deletePod(pod: string): Promise<void> {
    this.#call(`delete ${pod}`);
    this.drop(pod);
    this.#settle();
    return Promise.resolve();
  }

  drop(name: string): void {
    this.pods.delete(name);
    this.book.podGone(podOf(name));
    this.#tellSlice();
  }

  makeReady(name: string): void {
    const pod = this.pods.get(name);
    if (pod) pod.ready = true;
    this.#tellSlice();
  }

  fail(name: string, reason: string): void {
    this.book.podChanged({
      ...podOf(name),
      status: {
        containerStatuses: [
          { name: 'function', image: '', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason } } },
        ],
      },
    });
  }

  #call(what: string): void {
    this.said.push(what);
    if (this.away) throw new PlatformError('unavailable', 'The API server is away');
    if (this.refusal) throw this.refusal;
  }

  #settle(): void {
    while (this.replicas !== null && this.pods.size < this.replicas) {
      const name = `pod-${(this.#count += 1)}`;
      this.pods.set(name, { ready: false, marked: false });
      this.book.podChanged(podOf(name));
      if (!this.slow) this.makeReady(name);
    }
    // As Kubernetes does: first those that do not run, then those that cost least.
    const order = [...this.pods].sort(
      ([, a], [, b]) => Number(a.ready) - Number(b.ready) || Number(b.marked) - Number(a.marked),
    );
    for (const [name] of order.slice(0, Math.max(0, this.pods.size - (this.replicas ?? 0)))) this.drop(name);
  }

  #tellSlice(): void {
    const endpoints = [...this.pods]
      .filter(([, { ready }]) => ready)
      .map(([name]) => ({ addresses: [name], conditions: { ready: true }, targetRef: { uid: `uid-${name}` } }));
    const slice: EndpointSlice = { metadata: { name: 'slice', labels: LABELS }, addressType: 'IPv4', endpoints };
    this.book.sliceChanged(slice);
  }
}

function podOf(name: string): Pod {
  return { metadata: { uid: `uid-${name}`, name, labels: LABELS } };
}

function make(calls: OneDeployment, checkpointImage: string | null = null) {
  const lost: string[] = [];
  let empty = false;
  const workload = new Workload(
    {
      name: NAME,
      node: { name: 'n', tolerations: [] },
      run: testRunSpec('nodejs'),
      command: null,
      workingDir: null,
      ownImage: null,
      checkpointImage,
      codeToken: '',
      key: null,
    },
    calls,
    calls.book,
    {
      bound: () => undefined,
      failing: () => Promise.resolve(),
      lost: (id) => void lost.push(id),
      empty: () => (empty = true),
    },
    { warn: () => undefined },
  );
  return { workload, lost, isEmpty: () => empty };
}

test('starts of one moment are one call, and each gets a pod of its own', async () => {
  const calls = new OneDeployment();
  const { workload } = make(calls);
  const pods = await Promise.all(['a', 'b', 'c'].map((id) => workload.start(id)));
  expect(calls.said).toEqual(['create 3']);
  expect(new Set(pods.map(({ name }) => name)).size).toBe(3);
  await workload.start('d');
  expect(calls.said).toEqual(['create 3', 'scale 4']);
  workload.release();
});

test('when all end, the Deployment goes with them, and the workload is over', async () => {
  const calls = new OneDeployment();
  const { workload, isEmpty } = make(calls);
  await Promise.all(['a', 'b'].map((id) => workload.start(id)));
  await Promise.all(['a', 'b'].map((id) => workload.stop(id)));
  expect(calls.said).toEqual(['create 2', 'remove']);
  await waitFor('it to be empty', isEmpty);
  expect(workload.over).toBe(true);
});

test('the pod of the instance that ends goes, even if Kubernetes would rather take one that does not run yet', async () => {
  const calls = new OneDeployment();
  const { workload, lost } = make(calls);
  const [a] = await Promise.all(['a', 'b'].map((id) => workload.start(id)));
  calls.slow = true;
  const starting = workload.start('c');
  await waitFor('its pod', () => calls.pods.size === 3);
  const stopping = workload.stop('a');
  await waitFor('the pod of a to be deleted by name', () => !calls.pods.has(a?.name ?? ''));
  await stopping;
  await waitFor('a pod in its place', () => calls.pods.size === 2);
  for (const name of calls.pods.keys()) calls.makeReady(name);
  expect(calls.pods.has((await starting).name)).toBe(true);
  expect(calls.pods.has(workload.podOf('b')?.name ?? '')).toBe(true);
  expect(lost).toEqual([]);
  workload.release();
});

test('a start and an end at once change no number: the pod is replaced', async () => {
  const calls = new OneDeployment();
  const { workload } = make(calls);
  await workload.start('a');
  const [started] = await Promise.all([workload.start('b'), workload.stop('a')]);
  expect(calls.said).toEqual(['create 1', 'delete pod-1']);
  expect(started.name).toBe('pod-2');
  workload.release();
});

test('while the API server is away it is tried again, and nobody is refused', async () => {
  const calls = new OneDeployment();
  calls.away = true;
  const { workload } = make(calls);
  const starting = workload.start('a');
  await waitFor('a second try', () => calls.said.length > 1);
  calls.away = false;
  await expect(starting).resolves.toMatchObject({ name: 'pod-1' });
  workload.release();
});

test('what the API server refuses is told to who waits', async () => {
  const calls = new OneDeployment();
  calls.refusal = new PlatformError('forbidden', 'may not create deployments');
  const { workload } = make(calls);
  await expect(workload.start('a')).rejects.toMatchObject({ code: 'forbidden' });
  workload.release();
});

test.each([
  [null, 'start_failed'],
  ['registry/x@sha256:1', 'restore_failed'],
] as const)('a pod that cannot start (from %s) is %s, and is not left', async (image, code) => {
  const calls = new OneDeployment();
  calls.slow = true;
  const { workload, isEmpty } = make(calls, image);
  const starting = workload.start('a');
  await waitFor('its pod', () => calls.pods.size === 1);
  calls.fail('pod-1', 'ErrImagePull');
  await expect(starting).rejects.toMatchObject({ code, message: expect.stringContaining('ErrImagePull') as string });
  await waitFor('it to be empty', isEmpty);
  expect(calls.pods.size).toBe(0);
});

test('a pod that somebody takes away is an instance that is lost, and the number follows', async () => {
  const calls = new OneDeployment();
  const { workload, lost } = make(calls);
  const [, b] = await Promise.all(['a', 'b'].map((id) => workload.start(id)));
  calls.drop(b?.name ?? '');
  expect(lost).toEqual(['b']);
  await workload.stop('b');
  await waitFor('the number to follow', () => calls.said.includes('scale 1'));
  workload.release();
});

test('a Deployment that somebody deletes refuses who waits, and leaves no number behind', async () => {
  const calls = new OneDeployment();
  const { workload } = make(calls);
  await workload.start('a');
  calls.replicas = null;
  await expect(workload.start('b')).rejects.toMatchObject({
    message: expect.stringContaining('somebody else') as string,
  });
  expect(workload.over).toBe(true);
  workload.release();
});

test('adopts those whose owners are known, and lets the others go', async () => {
  const calls = new OneDeployment();
  await calls.createWorkload(null, 3);
  const { workload, isEmpty } = make(calls);
  workload.adopt(3, new Map([['uid-pod-2', 'b']]));
  await waitFor('the others to go', () => calls.pods.size === 1);
  expect(workload.podOf('b')?.name).toBe('pod-2');
  expect([...calls.pods.keys()]).toEqual(['pod-2']);
  await workload.stop('b');
  await waitFor('it to be empty', isEmpty);
});
