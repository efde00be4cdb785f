import { jsonOf, type Probe } from '../harness/http-probe';

const EACH_MS = 1000;

/** Memory-time held by instances, in gigabyte-seconds of their limit, by state. */
export interface HeldMemory {
  readonly byState: ReadonlyMap<string, number>;
  stop(): void;
}

interface SeenInstance {
  readonly function: string;
  readonly state: string;
}

/** Looks at the instances once a second and adds up the memory they are promised. */
export function watchHeldMemory(probe: Probe, functions: ReadonlySet<string>, limitBytes: number): HeldMemory {
  const held = new Map<string, number>();
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    void probe
      .send('/v1/instances?limit=1000')
      .then((answer) => {
        for (const item of jsonOf<{ items: SeenInstance[] }>(answer).items) {
          if (item.state !== 'gone' && functions.has(item.function))
            held.set(item.state, (held.get(item.state) ?? 0) + (seconds * limitBytes) / 1e9);
        }
      })
      // A look that fails while a component restarts leaves a gap of a second, no more.
      .catch(() => undefined);
  }, EACH_MS);
  return { byState: held, stop: () => clearInterval(timer) };
}
