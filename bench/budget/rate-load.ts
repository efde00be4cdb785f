import { Agent, request } from 'node:http';

/** Requests at fixed rates, whatever becomes of those before. */
export interface RateLoadOptions {
  /** Each request goes to the next of them. */
  readonly ports: readonly number[];
  readonly headers: Readonly<Record<string, string>>;
  readonly calls: readonly { readonly path: string; readonly perSecond: number }[];
  readonly seconds: number;
}

/** Of each of the calls, in the order of their ends. */
export interface RateLoadResult {
  readonly outcomes: readonly (readonly RateOutcome[])[];
}

/** When it ended (Unix milliseconds), how long it took (milliseconds), and the status; 0 where there was no answer. */
export type RateOutcome = readonly [at: number, ms: number, status: number];

const TICK_MS = 2;
const PATIENCE_MS = 10_000;

async function load({ ports, headers, calls, seconds }: RateLoadOptions): Promise<RateLoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'fifo' });
  const outcomes = calls.map((): RateOutcome[] => []);
  const sent = calls.map(() => 0);
  let turn = 0;
  let open = 0;
  const send = (path: string, into: RateOutcome[]): void => {
    const begun = performance.now();
    let over = false;
    const end = (status: number): void => {
      if (over) return;
      over = true;
      open--;
      into.push([Date.now(), performance.now() - begun, status]);
    };
    open++;
    const port = ports[turn++ % ports.length];
    const asked = request({ host: '127.0.0.1', port, path, headers, agent, timeout: PATIENCE_MS }, (answer) => {
      answer.resume();
      answer.once('end', () => end(answer.statusCode ?? 0));
      answer.once('close', () => end(0));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => end(0));
    asked.end();
  };
  const began = performance.now();
  while (performance.now() - began < seconds * 1_000) {
    const due = (performance.now() - began) / 1_000;
    calls.forEach(({ path, perSecond }, index) => {
      for (; (sent[index] ?? 0) < due * perSecond; sent[index] = (sent[index] ?? 0) + 1)
        send(path, outcomes[index] ?? []);
    });
    await pause(TICK_MS);
  }
  const deadline = performance.now() + PATIENCE_MS;
  while (open > 0 && performance.now() < deadline) await pause(TICK_MS);
  agent.destroy();
  return { outcomes };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

if (require.main === module) {
  load(JSON.parse(process.argv[2] ?? '{}') as RateLoadOptions).then(
    // A connection to a gateway that was killed may still be waited for.
    (result) => process.stdout.write(JSON.stringify(result), () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
}
