import { PlatformError } from '../error/platform-error';

/** The minutes a cron expression names, each field as the set of its values. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** As in cron: when both day fields are given, either may match. */
  readonly eitherDay: boolean;
}

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
}
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS = {
  minutes: { name: 'minute', from: 0, to: 59, words: [] },
  hours: { name: 'hour', from: 0, to: 23, words: [] },
  days: { name: 'day of month', from: 1, to: 31, words: [] },
  months: { name: 'month', from: 1, to: 12, words: MONTHS },
  // 7 is Sunday too.
  weekdays: { name: 'day of week', from: 0, to: 7, words: WEEKDAYS },
} as const satisfies Record<string, Field>;

/** Reads five fields: minute hour day month weekday, with lists, ranges and steps. @throws PlatformError invalid_argument */
export function parseCron(text: string): Cron {
  const parts = text.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = parts;
  if (parts.length !== 5 || !minute || !hour || !day || !month || !weekday) {
    throw refused(text, 'write five fields: minute hour day month weekday, e.g. 0 8 * * 1-5');
  }
  const weekdays = new Set([...valuesOf(text, weekday, FIELDS.weekdays)].map((value) => value % 7));
  const days = valuesOf(text, day, FIELDS.days);
  const months = valuesOf(text, month, FIELDS.months);
  if (weekday === '*' && ![...months].some((value) => [...days].some((date) => date <= longest(value)))) {
    throw refused(text, 'no month has such a day');
  }
  return {
    minutes: valuesOf(text, minute, FIELDS.minutes),
    hours: valuesOf(text, hour, FIELDS.hours),
    days,
    months,
    weekdays,
    eitherDay: day !== '*' && weekday !== '*',
  };
}

function longest(month: number): number {
  return month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function valuesOf(text: string, part: string, field: Field): Set<number> {
  const values = new Set<number>();
  for (const item of part.split(',')) {
    const match = /^(?:\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(item);
    if (!match) throw refused(text, `the ${field.name} "${item}" is not a number, a range or a step`);
    const [, first, last, stepText] = match;
    const from = first === undefined ? field.from : numberOf(text, first, field);
    const open = first === undefined || (last === undefined && stepText !== undefined);
    const to = open ? field.to : numberOf(text, last ?? first, field);
    const step = stepText === undefined ? 1 : Number(stepText);
    if (from > to) throw refused(text, `the ${field.name} range "${item}" runs backwards`);
    if (step < 1) throw refused(text, `the step of the ${field.name} "${item}" must be at least 1`);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

function numberOf(text: string, word: string, field: Field): number {
  const named = field.words.indexOf(word.toLowerCase());
  const value = named >= 0 ? named + (field.words === MONTHS ? 1 : 0) : /^\d+$/.test(word) ? Number(word) : NaN;
  if (!(value >= field.from && value <= field.to)) {
    throw refused(text, `the ${field.name} "${word}" is outside ${field.from}-${field.to}`);
  }
  return value;
}

function refused(text: string, why: string): PlatformError {
  return new PlatformError('invalid_argument', `"${text}" is not a cron expression: ${why}`);
}
