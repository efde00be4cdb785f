import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { ComparedLedger, PostedLedger } from '../activities/ledger-activities';
import { keepLedgerInput, windowMs, type KeepLedgerInput } from '../core/control/workflow-inputs';
import { validated } from './failure';
import { LEDGER, QUICK } from './options';
import { Progress } from './progress';

const quick = proxyActivities<Activities>(QUICK);
const { postLedger, compareLedger } = proxyActivities<Activities>(LEDGER);

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const EXAMPLES = 20;
const NOTHING: ComparedLedger = { calls: 0, sums: 0, differences: 0, unpriced: 0, examples: [] };

export interface KeepLedgerResult {
  /** Null where it was checked only. */
  readonly posted: PostedLedger | null;
  readonly checked: (ComparedLedger & { readonly from: string; readonly to: string }) | null;
}

/** Each minute: what calls and what is kept for functions was charged → the ledger. Asked to check: records → ledger, compared. */
export async function keepLedger(input: KeepLedgerInput): Promise<KeepLedgerResult> {
  const asked = validated('keepLedger', keepLedgerInput, input);
  const progress = new Progress('Keep the ledger');
  if (!asked.check) {
    progress.begin('post');
    const posted = await postLedger();
    progress.finish(`${posted.lines} line(s), ${posted.dollars} dollars`);
    return { posted, checked: null };
  }
  const { runId, runStartTime } = workflowInfo();
  const tenant = asked.tenant ?? null;
  const end = asked.until === undefined ? runStartTime.getTime() : Date.parse(asked.until);
  const to = Math.floor(end / MINUTE_MS) * MINUTE_MS;
  const from = Math.floor((to - windowMs(asked.window)) / MINUTE_MS) * MINUTE_MS;
  const wanted = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const window = await quick.recordedPart(wanted);
  let found = NOTHING;
  for (let at = Date.parse(window.from); at < to; at += HOUR_MS) {
    const hour = { from: new Date(at).toISOString(), to: new Date(Math.min(at + HOUR_MS, to)).toISOString() };
    progress.begin(`compare ${hour.from} to ${hour.to}`);
    found = together(found, await compareLedger({ tenant, ...hour }));
  }
  await quick.closeLedgerCheck({ id: runId, tenant, ...window, found });
  progress.finish(table(found));
  return { posted: null, checked: { ...window, ...found } };
}

function together(before: ComparedLedger, more: ComparedLedger): ComparedLedger {
  return {
    calls: before.calls + more.calls,
    sums: before.sums + more.sums,
    differences: before.differences + more.differences,
    unpriced: before.unpriced + more.unpriced,
    examples: [...before.examples, ...more.examples].slice(0, EXAMPLES),
  };
}

function table({ calls, sums, differences, unpriced, examples }: ComparedLedger): string {
  const lines = [`${calls} call(s), ${sums} sum(s): ${differences} differ`];
  if (unpriced > 0)
    lines.push('', `${unpriced} record(s) name a price table that nobody has kept; such calls are not charged.`);
  if (examples.length > 0)
    lines.push('', '| minute | function | part | records | ledger |', '| --- | --- | --- | --- | --- |');
  for (const row of examples) {
    lines.push(
      `| ${row.minute} | ${row.tenant}/${row.functionId} | ${row.component} | ${row.recorded} | ${row.charged} |`,
    );
  }
  return lines.join('\n');
}
