import type { Readable } from 'node:stream';
import { isPlatformError } from '../core/error/platform-error';

/** One event of a text/event-stream. */
export interface ServerEvent {
  readonly id: string | null;
  readonly type: string;
  readonly data: string;
}

const RETRY_MS = 1_000;

export interface StreamWatch {
  /** Goes on after this event of an earlier stream; default: begins as the platform does. */
  readonly after?: string | undefined;
  /** The stream was lost, and is back. */
  readonly onLost?: () => void;
  readonly onBack?: () => void;
}

/**
 * Events of a stream that is opened again, after the last event seen, whenever it ends. Ends quietly with `signal`.
 * @throws what `open` throws at the first time, and later too where a retry cannot help
 */
export async function* serverEvents(
  open: (lastEventId: string | null) => Promise<Readable>,
  signal: AbortSignal,
  { after, onLost, onBack }: StreamWatch = {},
): AsyncGenerator<ServerEvent> {
  let lastEventId: string | null = after ?? null;
  let lost = false;
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const stream = await open(lastEventId);
      if (lost) onBack?.();
      lost = false;
      for await (const event of parseEvents(stream)) {
        lastEventId = event.id ?? lastEventId;
        if (event.data !== '') yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isPlatformError(error) && (attempt === 0 || !error.retryable)) throw error;
      if (!lost) onLost?.();
      lost = true;
    }
    await pause(RETRY_MS, signal);
  }
}

/** The events of one answer. Comments and unknown fields are left out, as the format asks. */
export async function* parseEvents(stream: Readable): AsyncGenerator<ServerEvent> {
  let event: { id: string | null; type: string; data: string[] } = { id: null, type: 'message', data: [] };
  let rest = '';
  stream.setEncoding('utf8');
  // Heard by the loop while it reads; an abort between two events must not end the program.
  stream.on('error', () => undefined);
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (event.id !== null || event.data.length > 0) yield { ...event, data: event.data.join('\n') };
        event = { id: null, type: 'message', data: [] };
        continue;
      }
      const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'id') event.id = value ?? '';
      else if (field === 'event') event.type = value ?? '';
      else if (field === 'data') event.data.push(value ?? '');
    }
  }
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
