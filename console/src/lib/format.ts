import { picoOfDollars, roughDollars } from '../../../core/cost/money-text';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An amount of dollars as the API tells it, exactly, for people: to the cent, or to three digits below a dollar. */
export function money(dollars: string): string {
  const negative = dollars.startsWith('-');
  return `${negative ? '-' : ''}$${roughDollars(picoOfDollars(negative ? dollars.slice(1) : dollars))}`;
}

/** The same of picodollars in a string, as the ledger tells them. */
export function moneyOfPico(pico: string): string {
  return `$${roughDollars(BigInt(pico))}`;
}

/** Milliseconds with as much as one can use: 0.42 ms, 12 ms, 3.4 s, 2 min 5 s. */
export function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value < 10) return `${Number(value.toPrecision(2))} ms`;
  if (value < SECOND) return `${Math.round(value)} ms`;
  if (value < MINUTE) return `${(value / SECOND).toFixed(1)} s`;
  if (value < HOUR) return `${Math.floor(value / MINUTE)} min ${Math.round((value % MINUTE) / SECOND)} s`;
  if (value < DAY) return `${Math.floor(value / HOUR)} h ${Math.round((value % HOUR) / MINUTE)} min`;
  return `${Math.floor(value / DAY)} d ${Math.round((value % DAY) / HOUR)} h`;
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  let amount = value;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : Number(amount.toFixed(1))} ${UNITS[unit] ?? ''}`;
}

/** 1,234 and, from a hundred thousand on, 1.2 M. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (Math.abs(value) >= 1e5) return `${Math.round(value / 1e3)} k`;
  return Number(value.toFixed(2)).toLocaleString('en');
}

/** A part of one in percent: 0.06 %, 12.5 %. */
export function percent(part: number | null | undefined): string {
  if (part === null || part === undefined || !Number.isFinite(part)) return '–';
  const value = part * 100;
  return `${Number(value >= 10 ? value.toFixed(1) : value.toPrecision(2))} %`;
}

/** An instant of the API in the reader's own time: today's as 14:03:22, others with the day. */
export function time(iso: string | null | undefined, now = new Date()): string {
  if (iso === null || iso === undefined) return '–';
  const at = new Date(iso);
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return at.toDateString() === now.toDateString() ? clock : `${day(at)} ${clock}`;
}

function day(at: Date): string {
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

/** How long ago: `12 s ago`. */
export function ago(iso: string | null | undefined, now = Date.now()): string {
  return iso === null || iso === undefined
    ? '–'
    : `${ms(Math.max(0, Math.round((now - Date.parse(iso)) / SECOND) * SECOND))} ago`;
}
