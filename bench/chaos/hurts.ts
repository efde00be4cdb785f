import type { Components, Kill } from '../harness/components';
import { fillDisk } from './full-disk';

/** Something done to a component, and when the platform was whole again. Times in milliseconds on the outcomes' clock. */
export interface Hurt {
  /** What was hurt: a component, or `disk`. */
  readonly what: string;
  readonly how: 'killed' | 'stopped' | 'filled';
  readonly at: number;
  /** From the hurt, or where it lasted from its end, until everything answered again; null: not within the time given. */
  readonly recoveryMs: number | null;
  /** When the component itself could be used again. */
  readonly usableAt: number;
}

export interface Patient {
  readonly components: Pick<Components, 'kill' | 'freeze' | 'chosen'>;
  /** The file system that its data folder is on. */
  readonly disk: string;
  readonly now: () => number;
  /** Resolves when a request of each sort that was begun after now has been answered. */
  readonly untilServing: (patienceMs: number) => Promise<boolean>;
}

const PATIENCE_MS = 60_000;
const FULL_MS = 3_000;
const COMPONENTS = ['agent', 'control', 'temporal', 'gateway', 'postgres'] as const;
/** What is hurt in one round, each once. */
export const HURTS_PER_ROUND = COMPONENTS.length + 2;

/** Round after round: each component killed, the disk filled, and one process stopped, another one each round. */
export async function hurtInTurn(
  patient: Patient,
  rounds: number,
  everyMs: number,
  told: (hurt: Hurt) => void,
): Promise<Hurt[]> {
  const hurts: Hurt[] = [];
  const begun = patient.now();
  for (let round = 0; round < rounds; round++) {
    const stopped = COMPONENTS[(round + 3) % COMPONENTS.length] ?? 'gateway';
    const steps = [
      ...COMPONENTS.map((name) => () => hurtProcess(patient, name, 'killed')),
      () => hurtDisk(patient),
      () => hurtProcess(patient, stopped, 'stopped'),
    ];
    for (const step of steps) {
      const wait = begun + (hurts.length + 0.5) * everyMs - patient.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
      const hurt = await step();
      hurts.push(hurt);
      told(hurt);
    }
  }
  return hurts;
}

async function hurtProcess(patient: Patient, word: string, how: 'killed' | 'stopped'): Promise<Hurt> {
  const { components, now } = patient;
  const [name = word] = components.chosen([word]);
  const at = now();
  const work: Promise<Kill> =
    how === 'killed' ? components.kill(name, PATIENCE_MS) : components.freeze(name, PATIENCE_MS);
  const { healedMs } = await work;
  const usableAt = now();
  const serving = await patient.untilServing(PATIENCE_MS);
  const whole = healedMs !== null && serving;
  return { what: word, how, at, recoveryMs: whole ? now() - at : null, usableAt };
}

async function hurtDisk({ disk, now, untilServing }: Patient): Promise<Hurt> {
  const at = now();
  const empty = await fillDisk(disk);
  await new Promise((resolve) => setTimeout(resolve, FULL_MS));
  await empty();
  const emptied = now();
  const serving = await untilServing(PATIENCE_MS);
  return { what: 'disk', how: 'filled', at, recoveryMs: serving ? now() - emptied : null, usableAt: emptied };
}
