import type { EventView } from '../../../../gateway/api/routes/events-routes';
import type { Tone } from '../../ui/tone';

/** Events that are held; older ones go. */
const MOST = 500;

/** What is shown, and what has come since the reader paused; both newest first. */
export interface EventList {
  readonly shown: readonly EventView[];
  readonly waiting: readonly EventView[];
}

export const NO_EVENTS: EventList = { shown: [], waiting: [] };

/** Takes events in, whatever their order; each is held once. While paused they wait. */
export function withEvents(list: EventList, events: readonly EventView[], paused: boolean): EventList {
  const known = new Set([...list.shown, ...list.waiting].map(({ id }) => id));
  const fresh = events.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return list;
  if (paused) return { ...list, waiting: newestFirst([...fresh, ...list.waiting]) };
  return { ...list, shown: newestFirst([...fresh, ...list.shown]) };
}

/** Shows what has waited. */
export function resumed({ shown, waiting }: EventList): EventList {
  return { shown: newestFirst([...waiting, ...shown]), waiting: [] };
}

/** Those of which the type, the function, the node or the data have every word. */
export function matching(events: readonly EventView[], query: string): readonly EventView[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return events;
  return events.filter((event) => {
    const text =
      `${event.type} ${event.function ?? ''} ${event.node ?? ''} ${JSON.stringify(event.data)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** By the last word of its type. */
export function toneOf(type: string): Tone {
  if (/(failed|exhausted|lost|refused|corrupt|dead|stopped)$/.test(type)) return 'bad';
  if (/(capped|degraded|alert|unreached|infeasible|aborted|drift|warning)$/.test(type)) return 'warn';
  return /(succeeded|restored|ready|completed|joined)$/.test(type) ? 'good' : 'neutral';
}

/** Its data in a line: `name: value`, without what says nothing. */
export function dataLine(data: EventView['data']): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');
}

function newestFirst(events: readonly EventView[]): readonly EventView[] {
  // Ids are numbers that grow; the longer one is the greater.
  return [...events].sort((a, b) => b.id.length - a.id.length || (a.id < b.id ? 1 : -1)).slice(0, MOST);
}
