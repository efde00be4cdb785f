import { sql, type RawBuilder } from 'kysely';

const HOUR_MS = 3_600_000;

/** Whole hours within a span; none: both ends are its begin. */
export function wholeHours(from: Date, to: Date): { readonly first: Date; readonly end: Date } {
  const first = Math.ceil(from.getTime() / HOUR_MS) * HOUR_MS;
  const end = Math.floor(to.getTime() / HOUR_MS) * HOUR_MS;
  return first < end ? { first: new Date(first), end: new Date(end) } : { first: from, end: from };
}

/**
 * The lines of a tenant in a span, `time` their minute or, where hours do, the hour that they have been summed to: so a month
 * is read in hours, with minutes only at its edges.
 */
export function linesBetween(
  tenant: string,
  { from, to }: { readonly from: Date; readonly to: Date },
  hoursDo: boolean,
): RawBuilder<unknown> {
  const lines = (start: Date, end: Date): RawBuilder<unknown> => sql`
    select minute as time, function_id, function, component, quantity, amount
    from ledger where tenant = ${tenant} and minute >= ${start} and minute < ${end}`;
  if (!hoursDo) return lines(from, to);
  const { first, end } = wholeHours(from, to);
  return sql`
    select hour as time, function_id, function, component, quantity, amount
    from ledger_hours where tenant = ${tenant} and hour >= ${first} and hour < ${end}
    union all ${lines(from, first)}
    union all ${lines(end, to)}`;
}
