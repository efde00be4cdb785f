/** One event of a text/event-stream. */
export interface StreamEvent {
  readonly id: string | null;
  readonly type: string;
  readonly data: string;
}

/** Takes the text of a stream as it comes; returns the events that are complete with it. */
export function eventReader(): (chunk: string) => StreamEvent[] {
  let rest = '';
  let id: string | null = null;
  let type = 'message';
  let data: string[] = [];
  return (chunk) => {
    const events: StreamEvent[] = [];
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (id !== null || data.length > 0) events.push({ id, type, data: data.join('\n') });
        id = null;
        type = 'message';
        data = [];
        continue;
      }
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'id') id = value;
      else if (field === 'event') type = value;
      else if (field === 'data') data.push(value);
    }
    return events;
  };
}
