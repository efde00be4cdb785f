import { BILL_PARTS, type Bill, type LedgerOutcome } from './ledger-tally';

/** What a setting comes to, over all functions. */
export interface BillSum {
  readonly calls: number;
  readonly started: number;
  readonly late: number;
  readonly waitedSeconds: number;
  readonly bill: Bill;
  /** Without credits for late calls, and with them. */
  readonly spent: bigint;
  readonly total: bigint;
}

/** @param table which price table */
export function billSum(outcomes: readonly LedgerOutcome[], table: number): BillSum {
  const sum = (of: (outcome: LedgerOutcome) => number): number =>
    outcomes.reduce((all, outcome) => all + of(outcome), 0);
  const bill = Object.fromEntries(
    BILL_PARTS.map((part) => [part, outcomes.reduce((all, { bills }) => all + (bills[table]?.[part] ?? 0n), 0n)]),
  ) as Bill;
  const total = BILL_PARTS.reduce((all, part) => all + bill[part], 0n);
  return {
    calls: sum(({ calls }) => calls),
    started: sum(({ started }) => started),
    late: sum(({ late }) => late),
    waitedSeconds: sum(({ waitedSeconds }) => waitedSeconds),
    bill,
    spent: total - bill.impact,
    total,
  };
}

/** By how many percent one amount is below another. */
export function savedPercent(before: bigint, after: bigint): number {
  return before === 0n ? 0 : Number((1_000_000n * (before - after)) / before) / 10_000;
}

/** For tables. */
export function dollarsOf(pico: bigint): number {
  return Number(pico / 1_000n) / 1e9;
}
