import { jsonOf, type Probe } from '../harness/http-probe';
import type { Outcome } from './outcome';

const MINUTE_MS = 60_000;
const LOOK_MS = 500;
/** Records are written within a moment of the last answer. */
const SETTLED_MS = 5_000;

/** What a window cost in life, and in the court's replay of it. */
export interface CourtAgreement {
  readonly policy: string;
  readonly calls: { readonly life: number; readonly court: number };
  /** Shares of the calls that found no instance, 0 to 1. */
  readonly coldShare: { readonly life: number; readonly court: number };
  /** Of instances, whatever they did. */
  readonly gbSeconds: { readonly life: number; readonly court: number };
}

interface CourtCase {
  readonly state: string;
  readonly error: string | null;
  readonly result: {
    readonly policies: readonly {
      readonly policy: string;
      readonly calls: number;
      readonly coldShare: number;
      readonly memoryGbSeconds: Readonly<Record<string, number>>;
    }[];
  } | null;
}

/** Waits until the next full minute, when a window of the court can begin. @returns it, in Unix milliseconds */
export async function nextMinute(): Promise<number> {
  const at = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
  return at;
}

/** Has the platform's court replay whole minutes that were just lived through, under the policy in force. */
export async function courtAgreement(
  probe: Probe,
  window: { readonly from: number; readonly to: number; readonly functions: readonly string[] },
  life: { readonly outcomes: readonly Outcome[]; readonly heldGbSeconds: ReadonlyMap<string, number> },
): Promise<CourtAgreement> {
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  const { live } = jsonOf<{ live: string }>(await probe.send('/v1/warming'));
  const body = JSON.stringify({
    window: `${Math.round((window.to - window.from) / MINUTE_MS)}m`,
    until: new Date(window.to).toISOString(),
    functions: window.functions,
    policies: [live],
  });
  const { id } = jsonOf<{ id: string }>(await probe.send('/v1/warming/court', { method: 'POST', body }));
  for (;;) {
    const found = jsonOf<CourtCase>(await probe.send(`/v1/warming/court/${id}`));
    const [report] = found.result?.policies ?? [];
    if (found.state === 'failed') throw new Error(`The court could not judge: ${found.error ?? 'no reason is known'}`);
    if (report) {
      const held = Object.entries(report.memoryGbSeconds).filter(([state]) => state !== 'images');
      const started = life.outcomes.filter(({ kind }) => kind !== null);
      const cold = started.filter(({ kind }) => kind === 'restore' || kind === 'cold');
      return {
        policy: report.policy,
        calls: { life: started.length, court: report.calls },
        coldShare: { life: cold.length / Math.max(1, started.length), court: report.coldShare },
        gbSeconds: { life: sum(life.heldGbSeconds.values()), court: sum(held.map(([, value]) => value)) },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** The agreement as lines for a terminal. */
export function agreementLines({ policy, calls, coldShare, gbSeconds }: CourtAgreement): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const points = 100 * Math.abs(coldShare.court - coldShare.life);
  const ratio = gbSeconds.court / gbSeconds.life - 1;
  return [
    `the court under ${policy}    in life     in court`,
    `calls             ${String(calls.life).padStart(12)} ${String(calls.court).padStart(12)}`,
    `cold              ${percent(coldShare.life).padStart(12)} ${percent(coldShare.court).padStart(12)}   ${points.toFixed(2)} points apart`,
    `memory-time, GB·s ${gbSeconds.life.toFixed(1).padStart(12)} ${gbSeconds.court.toFixed(1).padStart(12)}   ${(100 * ratio).toFixed(1)} % apart`,
  ];
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
