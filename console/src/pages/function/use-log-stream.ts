import { useEffect, useState } from 'preact/hooks';
import type { LogView } from '../../lib/answers';
import { ApiError, open } from '../../lib/api';
import { eventReader } from '../../lib/event-lines';
import { withLines } from './log-lines';

const TAIL = 200;
const RETRY_MS = 1_000;

export interface LogStream {
  readonly lines: readonly LogView[];
  readonly state: 'live' | 'connecting' | 'lost' | 'stopped';
  /** Why it cannot be followed. */
  readonly error: ApiError | undefined;
}

/** The last lines of a function and those that come, while `follow` holds; the stream is opened again after a break, and misses nothing. */
export function useLogStream(name: string, follow: boolean): LogStream {
  const [lines, setLines] = useState<readonly LogView[]>([]);
  const [state, setState] = useState<LogStream['state']>('connecting');
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    if (!follow) return setState('stopped');
    const end = new AbortController();
    void followLogs(name, end.signal, {
      live: () => setState('live'),
      lost: () => setState('lost'),
      refused: setError,
      more: (more) => setLines((before) => withLines(before, more)),
    });
    return () => end.abort();
  }, [name, follow]);
  return { lines, state, error };
}

interface Tell {
  live(): void;
  lost(): void;
  refused(error: ApiError): void;
  more(lines: readonly LogView[]): void;
}

async function followLogs(name: string, signal: AbortSignal, tell: Tell): Promise<void> {
  let last: string | null = null;
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = {
        accept: 'text/event-stream',
        ...(last === null ? {} : { 'last-event-id': last }),
      };
      const response: Response = await open('GET', `/v1/functions/${encodeURIComponent(name)}/logs?tail=${TAIL}`, {
        headers,
        signal,
      });
      tell.live();
      const eventsOf = eventReader();
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
        const events = eventsOf(chunk.value);
        last = events.at(-1)?.id ?? last;
        const lines = events
          .filter(({ type, data }) => type === 'log' && data !== '')
          .map(({ data }) => JSON.parse(data) as LogView);
        if (lines.length > 0) tell.more(lines);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) return tell.refused(error);
    }
    if (signal.aborted) return;
    tell.lost();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
