import {
  CancellationScope,
  condition,
  ParentClosePolicy,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  startChild,
} from '@temporalio/workflow';
import type { z } from 'zod';
import type { Activities } from '../activities/activities';
import type { PlannedMigration } from '../activities/migration-activities';
import type { Move } from '../activities/move-activities';
import type { RevisionRef } from '../activities/revision-ref';
import type { ShippedCheckpoint } from '../activities/ship-activities';
import { checkpointWorkflowId, type migrateFunctionInput } from '../core/control/workflow-inputs';
import { shiftShares, withoutNode, type PlacedShare } from '../core/migration/shifted-shares';
import { checkpointLifecycle } from './checkpoint-lifecycle';
import { reasonOf } from './failure';
import { BACK_OUT_MS, drainFrom, HEARD_MS } from './leave-node';
import type { MigrationProgress } from './migration-progress';
import { CRIU, MOVE, MOVE_BACK, MOVE_NOTE, TEMPLATE } from './options';

const acts = proxyActivities<Activities>(MOVE);
const notes = proxyLocalActivities<Activities>(MOVE_NOTE);
const patient = proxyActivities<Activities>(MOVE_BACK);
const criu = proxyActivities<Activities>(CRIU);
const starting = proxyActivities<Activities>(TEMPLATE);

interface MoveOptions {
  readonly wish: z.output<typeof migrateFunctionInput>;
  readonly progress: MigrationProgress;
  /** Who changes the placement. */
  readonly fence: string;
  readonly approved: () => boolean;
}

/** The steps of one migration, and the way back from each. */
export class FunctionMove {
  /** Undoes what was begun, the last first. Pushed before each step: whether it was carried out may never be known. */
  readonly #undo: (() => Promise<unknown>)[] = [];
  readonly #shipped: ShippedCheckpoint[] = [];
  /** Revisions that have no checkpoint on the target and should. */
  readonly #renew: RevisionRef[] = [];
  #planned: PlannedMigration | null = null;
  #generation = 0;
  #outside = false;

  constructor(private readonly options: MoveOptions) {}

  /** False once the old node is out: from there on it only goes forward. */
  get mayAbort(): boolean {
    return !this.#outside;
  }

  /** Carries all steps out. @throws what a step throws, up to the one that takes the old node out */
  async run(migration: string, planned: PlannedMigration): Promise<void> {
    const { tenant, function: name, to } = this.options.wish;
    const { functionId, from, fromLost } = planned;
    const move: Move = { tenant, function: name, functionId, from, to };
    this.#generation = planned.generation;
    this.#planned = planned;
    await this.#step(migration, move, fromLost ? 'send all traffic to the target' : 'hold the placement', 'started');
    await this.#place(planned, shiftShares(planned.shares, from, to, fromLost ? 100 : 0));
    if (fromLost) this.options.progress.percent = 100;

    await this.#ship(migration, move, planned);
    await this.#start(migration, move, planned);
    if (!fromLost) await this.#approval(migration, move);
    await this.#warm(migration, move, planned);
    if (!fromLost) await this.#shift(migration, move, planned);
    await this.#leave(migration, move, planned);
    await this.#renewCheckpoints(move);
  }

  /** Undoes what was begun. What cannot be undone now is noted: nodes are looked through each minute. */
  async rollBack(): Promise<void> {
    const { progress, fence } = this.options;
    const planned = this.#planned;
    if (!planned) return;
    const { functionId, shares } = planned;
    // First of all the traffic: what has none can be taken away.
    await this.#attempt(async () => {
      const ours = await patient.restorePlacement({ functionId, shares, fence });
      if (!ours) progress.note('the placement was not changed');
      else await sleep(HEARD_MS, { summary: 'gateways hear of it' });
    });
    progress.percent = 0;
    for (const undo of this.#undo.reverse()) await this.#attempt(undo);
  }

  async #attempt(undo: () => Promise<unknown>): Promise<void> {
    try {
      await undo();
    } catch (error) {
      this.options.progress.note(`not all of it: ${reasonOf(error)}`);
    }
  }

  async #ship(migration: string, move: Move, { refs }: PlannedMigration): Promise<void> {
    const { from, to } = move;
    await this.#step(migration, move, 'take the checkpoint along');
    for (const ref of refs) {
      const { shipped, note, make } = await criu.shipCheckpoint({ ref, from, to });
      this.options.progress.note(note);
      if (make) this.#renew.push(ref);
      if (!shipped) continue;
      this.#undo.push(() => acts.returnShipped({ shipped, to }));
      this.#shipped.push(shipped);
    }
  }

  /** One template for each revision that serves; what is dearer than a cold start there stays behind. */
  async #start(migration: string, move: Move, { refs, shares }: PlannedMigration): Promise<void> {
    const { progress, fence } = this.options;
    const { to } = move;
    await this.#step(migration, move, `start on ${to}, wait until ready, health check`);
    const fresh = !shares.some(({ node }) => node === to);
    if (fresh) this.#undo.push(() => this.#drain(move, to, BACK_OUT_MS));
    for (const ref of refs) {
      const key = `${fence}/${ref.revision}`;
      this.#undo.push(() => acts.giveUpTemplate({ node: to, key }));
      const { instance, startMs } = await starting.startTemplate({ ref, node: to, key, warmUp: true });
      progress.note(`revision ${ref.revision} in ${startMs.toFixed(0)} ms`);
      const shipped = this.#shipped.find(({ ref: { revisionId } }) => revisionId === ref.revisionId);
      if (shipped && shipped.restoreMs < startMs) await acts.publishShipped({ shipped, to });
      else if (shipped) {
        this.#shipped.splice(this.#shipped.indexOf(shipped), 1);
        await acts.returnShipped({ shipped, to });
        progress.note('its checkpoint is no faster');
      }
      await acts.releaseTemplate({ node: to, instance, keep: true });
    }
  }

  async #approval(migration: string, move: Move): Promise<void> {
    const { progress, approved } = this.options;
    if (approved()) return;
    await this.#step(migration, move, 'wait for approval');
    progress.state = 'waiting for approval';
    await condition(approved);
    progress.state = 'running';
  }

  async #warm(migration: string, move: Move, { refs, fromLost }: PlannedMigration): Promise<void> {
    const { fence, progress } = this.options;
    await this.#step(migration, move, 'as many instances as before');
    const { running, frozen } = await acts.warmTarget({ move, refs, fromLost, decisionId: fence });
    progress.note(`${running} running, ${frozen} asleep`);
  }

  async #shift(migration: string, move: Move, planned: PlannedMigration): Promise<void> {
    const { wish, progress } = this.options;
    const since = Date.now();
    for (const percent of [...new Set([...wish.steps, 100])].sort((a, b) => a - b)) {
      await this.#step(migration, move, `${percent} % of the traffic`, percent === 100 ? 'shifted' : undefined);
      await this.#place(planned, shiftShares(planned.shares, move.from, move.to, percent));
      progress.percent = percent;
      await sleep(Math.max(1, wish.holdSeconds * 1000), { summary: `hold at ${percent} %` });
      const { requests, failed } = await acts.checkShift({ move, since });
      progress.note(`${requests} requests there so far, ${failed} failed`);
    }
  }

  /** The point of no return: the old node is out, then drained, then empty. Failures from here on are noted. */
  async #leave(migration: string, move: Move, planned: PlannedMigration): Promise<void> {
    const { progress, wish } = this.options;
    const { from, to, functionId } = move;
    const { fromLost } = planned;
    await this.#step(migration, move, `take ${from} out`);
    const all = withoutNode(shiftShares(planned.shares, from, to, 100), from);
    // Whether it was carried out when it fails is not known: both ways back are still open.
    await this.#place(planned, all);
    this.#outside = true;
    await CancellationScope.nonCancellable(async () => {
      try {
        await this.#step(migration, move, `drain ${from}`);
        if (!fromLost) {
          await sleep(HEARD_MS, { summary: 'gateways hear of it' });
          await this.#drain(move, from, wish.drainSeconds * 1000);
        }
        await this.#step(migration, move, 'clean up');
        const { moved, dropped } = await acts.settleCheckpoints({
          functionId,
          from,
          to,
          fromLost,
          shipped: this.#shipped,
        });
        progress.note(`${moved} checkpoints came along, ${dropped} were dropped`);
      } catch (error) {
        progress.note(`${from} does not answer, it is looked through later: ${reasonOf(error)}`);
      }
      const expect = this.#generation;
      await this.#attempt(() => patient.shiftPlacement({ functionId, shares: all, expect, fence: null }));
    });
  }

  /** What could not be taken along is made anew, beside the traffic: nobody waits for it here. */
  async #renewCheckpoints({ tenant, function: name, to }: Move): Promise<void> {
    for (const { revision } of this.#renew) {
      await this.#attempt(() =>
        startChild(checkpointLifecycle, {
          workflowId: checkpointWorkflowId(tenant, name, revision),
          parentClosePolicy: ParentClosePolicy.ABANDON,
          args: [{ tenant, function: name, revision, node: to, reason: 'migration' }],
        }),
      );
    }
  }

  async #drain(move: Move, node: string, withinMs: number): Promise<void> {
    const left = await drainFrom(node, move, withinMs);
    if (left > 0) this.options.progress.note(`${left} instances still answer; they end with their last request`);
  }

  async #place({ functionId }: PlannedMigration, shares: readonly PlacedShare[]): Promise<void> {
    const { fence } = this.options;
    this.#generation = await acts.shiftPlacement({ functionId, shares, expect: this.#generation, fence });
  }

  async #step(migration: string, move: Move, text: string, event?: 'started' | 'shifted'): Promise<void> {
    const { progress } = this.options;
    progress.begin(text);
    const { tenant, function: name, from, to } = move;
    const { phases } = progress;
    const report = { migration, tenant, function: name, from, to, phases };
    // A local one is carried out again after a crash: an event would be told twice.
    if (event) await acts.reportMigration({ ...report, event });
    else await notes.reportMigration(report);
  }
}
