import { setCurrentDetails } from '@temporalio/workflow';
import { progressTable, type ShownPhase } from '../core/migration/progress-table';

/** What the query `progress` tells. */
export interface MigrationView {
  readonly migration: string | null;
  readonly function: string;
  readonly from: string | null;
  readonly to: string;
  readonly state: 'running' | 'waiting for approval' | 'completed' | 'rolling back' | 'rolled-back' | 'refused';
  /** Of the source's traffic, on the target. */
  readonly percent: number;
  readonly phases: readonly ShownPhase[];
}

/** Where a migration is, in its current details and for whoever asks. */
export class MigrationProgress {
  readonly #phases: ShownPhase[] = [];
  migration: string | null = null;
  from: string | null = null;
  percent = 0;
  state: MigrationView['state'] = 'running';

  constructor(private readonly move: { readonly tenant: string; readonly function: string; readonly to: string }) {
    this.#show(null);
  }

  get phases(): readonly ShownPhase[] {
    return [...this.#phases];
  }

  get view(): MigrationView {
    const { migration, from, state, percent, phases } = this;
    return { migration, function: this.move.function, from, to: this.move.to, state, percent, phases };
  }

  /** Ends the step before and begins this one. */
  begin(step: string): void {
    this.#end();
    this.#phases.push({ step, startedAt: new Date().toISOString(), endedAt: null, note: null });
    this.#show(null);
  }

  /** Adds a remark to the step under way. */
  note(text: string): void {
    const last = this.#phases.pop();
    if (!last) return;
    this.#phases.push({ ...last, note: last.note === null ? text : `${last.note}; ${text}` });
    this.#show(null);
  }

  finish(state: MigrationView['state'], result: string): void {
    this.#end();
    this.state = state;
    this.#show(result);
  }

  #end(): void {
    const last = this.#phases.pop();
    if (last) this.#phases.push({ ...last, endedAt: last.endedAt ?? new Date().toISOString() });
  }

  #show(result: string | null): void {
    const { tenant, function: name, to } = this.move;
    const from = this.from === null ? '' : ` from ${this.from}`;
    setCurrentDetails(progressTable(`Move ${tenant}/${name}${from} to ${to}`, this.#phases, result));
  }
}
