import { FUNCTIONS } from '../../../../core/kubernetes/custom-resources';
import { typeOf, type ServedObject } from '../../../../workers/control/kubernetes/object-writer';
import { until } from '../../../e2e/support/test-platform';
import { Callers } from '../../support/callers';
import type { PodPlatform } from '../../support/pod-platform';

const TYPE = typeOf(FUNCTIONS);
const OBJECT_MS = 60_000;

/** Writes a Function in the namespace acme, as a person would. */
export async function applyFunction(own: PodPlatform, name: string, spec: object): Promise<void> {
  const whole = {
    ...{ runtime: 'nodejs', handler: 'index.handler', public: true, isolation: 'pod', checkpoint: { when: 'never' } },
    code: { files: { 'index.js': 'exports.handler = () => "from a pod";' } },
    ...spec,
  };
  const object = { metadata: { name, namespace: 'acme' }, spec: whole } as unknown as ServedObject;
  await own.api.apply(TYPE, object, { fieldManager: 'a-person' });
}

/** Waits until the object says of what was asked for last that it serves. @returns the object */
export async function functionReady(own: PodPlatform, name: string): Promise<ServedObject> {
  let seen: ServedObject | null = null;
  const look = async (): Promise<ServedObject | false> => {
    seen = await own.api.find(TYPE, { name, namespace: 'acme' });
    const ready = seen?.status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'True' && ready.observedGeneration === seen?.metadata.generation && seen !== null && seen;
  };
  return until(`${name} to be ready`, look, OBJECT_MS).catch((error: Error) => {
    throw new Error(`${error.message}; it says ${JSON.stringify(seen?.status)}`);
  });
}

/** Deletes the object, and waits until it and all that it made is gone. */
export async function removeFunction(own: PodPlatform, name: string): Promise<void> {
  await own.api.delete(TYPE, { name, namespace: 'acme' });
  await until('the object to go', async () => (await own.api.find(TYPE, { name, namespace: 'acme' })) === null, OBJECT_MS); // prettier-ignore
  await until('its pods to go', async () => (await own.left(`presage.dev/function=${name}`)).length === 0, OBJECT_MS);
}

/** From `kubectl apply` to an answer, and to nothing being left. @param answer of a call; @param tier where its nodes are */
export function describeFunctionAsPods(world: () => PodPlatform, tier: string, answer: (spec: string) => string): void {
  describe('a Function object with isolation pod', () => {
    const NAME = 'applied';
    afterEach(() => Callers.endAll());
    const spec = (text: string): object => ({
      ...{ tier: { allow: [tier] }, scale: { min: 1, max: 2 }, env: { GREETING: text } },
      code: { files: { 'index.js': 'exports.handler = () => `${process.env.GREETING} from a pod`;' } },
    });

    test('is deployed as pods, and called through the gateway', async () => {
      await applyFunction(world(), NAME, spec('hello'));
      const { status } = await functionReady(world(), NAME);
      expect(status).toMatchObject({ revision: 1, url: expect.stringContaining(`/fn/acme/${NAME}/`) as string });
      const [pod, ...others] = await world().pods(NAME);
      expect(others).toEqual([]);
      expect(pod?.metadata?.labels).toMatchObject({ 'presage.dev/tenant': 'acme', 'presage.dev/revision': '1' });
      expect(pod?.spec?.containers[0]?.env).toContainEqual({ name: 'GREETING', value: 'hello' });
      expect(await world().call(NAME, 'acme')).toBe(`200 ${answer('hello')}`);
    });

    test('a change of the object is a new revision in its place, while it is called', async () => {
      const callers = new Callers(() => world().call(NAME, 'acme'));
      await applyFunction(world(), NAME, spec('good day'));
      expect((await functionReady(world(), NAME)).status).toMatchObject({ revision: 2 });
      await until('the pods of the first to go', async () =>
        (await world().pods(NAME)).every(({ metadata }) => metadata?.labels?.['presage.dev/revision'] === '2'),
      );
      expect(await world().call(NAME, 'acme')).toBe(`200 ${answer('good day')}`);
      const seen = await callers.end();
      expect(seen.filter((each) => !each.startsWith('200 '))).toEqual([]);
    });

    test('a deleted object leaves nothing', async () => {
      await removeFunction(world(), NAME);
      // It is nobody's any more who has no key of the tenant.
      expect((await world().call(NAME, 'acme')).slice(0, 3)).toBe('403');
    });
  });
}
