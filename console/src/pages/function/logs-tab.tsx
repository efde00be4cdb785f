import { useEffect, useRef, useState } from 'preact/hooks';
import { href, useLocation } from '../../app/router';
import { time } from '../../lib/format';
import { Badge, type Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { Problem } from '../../ui/problem';
import { TextField } from '../../ui/text-field';
import type { TabProps } from './index';
import { shownLines } from './log-lines';
import { useLogStream, type LogStream } from './use-log-stream';

const TONES: Readonly<Record<LogStream['state'], Tone>> = {
  live: 'good',
  connecting: 'info',
  lost: 'bad',
  stopped: 'neutral',
};

/** What the function writes, as it writes it; `&invocation=` in the address shows one invocation’s. */
export function LogsTab({ fn }: TabProps) {
  const [follow, setFollow] = useState(true);
  const [invocation, setInvocation] = useState(new URLSearchParams(useLocation().search).get('invocation') ?? '');
  const [text, setText] = useState('');
  const { lines, state, error } = useLogStream(fn.name, follow);
  const shown = shownLines(lines, { invocation, text });
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.length, follow]);
  return (
    <Card
      title="What it writes"
      actions={
        <>
          <Badge tone={TONES[state]}>{state}</Badge>
          <Button pressed={!follow} onClick={() => setFollow(!follow)}>
            {follow ? 'Hold still' : 'Follow'}
          </Button>
        </>
      }
    >
      {error && <Problem error={error} />}
      <div class="filters">
        <TextField label="Invocation" hint="its id, or the beginning of it" value={invocation} onText={setInvocation} />
        <TextField label="Text" hint="lines that hold it" value={text} onText={setText} />
      </div>
      {shown.length === 0 ? (
        <p class="empty">
          {lines.length === 0
            ? 'It has written nothing yet. Lines come as soon as it does.'
            : 'No line fits. Shorten the filters.'}
        </p>
      ) : (
        <div class="log" ref={box} tabIndex={0} role="log" aria-label={`Log of ${fn.name}`}>
          {shown.map((line) => (
            <pre key={line.id}>
              <span class="hint">{time(line.at)} </span>
              <span class={line.stream}>{line.stream === 'stdout' ? '' : `[${line.stream}] `}</span>
              {line.text}
              {line.invocation !== null && (
                <>
                  {' '}
                  <a href={href('invocations', line.invocation)} aria-label={`Invocation ${line.invocation}`}>
                    {line.invocation.slice(0, 8)}
                  </a>
                </>
              )}
            </pre>
          ))}
        </div>
      )}
      <p class="hint">
        {shown.length} of {lines.length} lines. The same by command: <code>presage logs {fn.name} --follow</code>
      </p>
    </Card>
  );
}
