import type { InstanceView, MigrationView, PlacementView } from '../../lib/answers';

/** A step of a migration, and how long it has taken; milliseconds. */
export interface StepRow {
  readonly step: string;
  readonly tookMs: number;
  readonly running: boolean;
  readonly note: string | null;
}

/** @param now Unix milliseconds */
export function stepRows({ phases }: Pick<MigrationView, 'phases'>, now: number): StepRow[] {
  return phases.map(({ step, startedAt, endedAt, note }) => ({
    step,
    tookMs: Math.max(0, (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt)),
    running: endedAt === null,
    note,
  }));
}

/** Does it wait for somebody who lets traffic move? The workflow names that step so. */
export function waitsForApproval({ state, phases }: Pick<MigrationView, 'state' | 'phases'>): boolean {
  const last = phases.at(-1);
  return state === 'running' && last?.step === 'wait for approval' && last.endedAt === null;
}

/** May it still be put back? Once the old node is out it only goes forward. */
export function mayAbort({ state, phases }: Pick<MigrationView, 'state' | 'phases'>): boolean {
  return state === 'running' && !phases.some(({ step }) => step.startsWith('drain '));
}

/** A node of a function that moves. */
export interface ShareRow {
  readonly node: string;
  /** Of the function's traffic, percent. */
  readonly percent: number;
  /** That live there. */
  readonly instances: number;
  /** Of these, the ones that answer requests just now. */
  readonly inUse: number;
}

/** How traffic is split between the nodes, the one it leaves first. @param live instances of the function */
export function shareRows(
  { from, to }: Pick<MigrationView, 'from' | 'to'>,
  { nodes }: Pick<PlacementView, 'nodes'>,
  live: readonly Pick<InstanceView, 'node' | 'state'>[],
): ShareRow[] {
  const names = [...new Set([...(from === null ? [] : [from]), to, ...nodes.map(({ node }) => node)])];
  return names.map((name) => {
    const own = live.filter(({ node }) => node === name);
    return {
      node: name,
      percent: nodes.find(({ node }) => node === name)?.weight ?? 0,
      instances: own.length,
      inUse: own.filter(({ state }) => state === 'leased').length,
    };
  });
}

/** What a person wishes for, in the fields of the form. */
export interface MigrationWish {
  readonly function: string;
  readonly to: string;
  readonly from: string;
  readonly approval: boolean;
  readonly steps: string;
  readonly holdSeconds: string;
}

/** The command line that does the same. */
export function migrateCommand({ function: name, to, from, approval }: MigrationWish): string {
  const rest = `${from === '' ? '' : ` --from ${from}`}${approval ? ' --approve' : ''}`;
  return `presage migrate ${name || 'FUNCTION'} --to ${to || 'NODE'}${rest}`;
}
