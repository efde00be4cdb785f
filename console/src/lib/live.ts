import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventView } from '../../../gateway/api/routes/events-routes';
import { ApiError, open } from './api';
import { eventReader } from './event-lines';

export type Connection = 'live' | 'lost' | 'connecting';

/** Which events are wanted; without a field all are. */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly function?: string;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** The gateway shows signs of life each 15 s; a stream that is silent for longer is dead. */
const SILENCE_MS = 40_000;

type Listener = (event: EventView) => void;
const listeners = new Set<Listener>();
const watchers = new Set<(state: Connection) => void>();
let state: Connection = 'connecting';
let running: AbortController | undefined;

function become(next: Connection): void {
  if (state === next) return;
  state = next;
  for (const watcher of watchers) watcher(next);
}

/** Opens the one stream that all pages share, and keeps it open until the returned end. Events after a break are not missed. */
export function connect(): () => void {
  running?.abort();
  const end = (running = new AbortController());
  void follow(end.signal);
  return () => end.abort();
}

async function follow(signal: AbortSignal): Promise<void> {
  let last: string | null = null;
  let wait = FIRST_WAIT_MS;
  become('connecting');
  while (!signal.aborted) {
    try {
      await read(last, signal, (id) => {
        wait = FIRST_WAIT_MS;
        last = id ?? last;
      });
    } catch (error) {
      // Who may not read has no stream; waiting mends nothing.
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return;
    }
    if (signal.aborted) return;
    become('lost');
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

async function read(last: string | null, signal: AbortSignal, seen: (id: string | null) => void): Promise<void> {
  const headers = { accept: 'text/event-stream', ...(last === null ? {} : { 'last-event-id': last }) };
  const silence = new AbortController();
  const response = await open('GET', '/v1/events', { headers, signal: AbortSignal.any([signal, silence.signal]) });
  if (!response.body) return;
  become('live');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const eventsOf = eventReader();
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    for (const event of eventsOf(value)) {
      seen(event.id);
      if (event.data === '') continue;
      const parsed = JSON.parse(event.data) as EventView;
      for (const listener of [...listeners]) listener(parsed);
    }
    seen(null);
  }
}

/** Calls `onEvent` for each event that fits, while the component is shown. */
export function useEvents(filter: EventFilter, onEvent: (event: EventView) => void): void {
  const newest = useRef({ filter, onEvent });
  newest.current = { filter, onEvent };
  useEffect(() => {
    const listener: Listener = (event) => {
      const { filter: wanted, onEvent: tell } = newest.current;
      if (wanted.types && !wanted.types.includes(event.type)) return;
      if (wanted.function !== undefined && wanted.function !== event.function) return;
      tell(event);
    };
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
}

/** How the shared stream stands. */
export function useConnection(): Connection {
  const [shown, setShown] = useState(state);
  useEffect(() => {
    setShown(state);
    watchers.add(setShown);
    return () => void watchers.delete(setShown);
  }, []);
  return shown;
}
