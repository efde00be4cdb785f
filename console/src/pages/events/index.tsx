import { useEffect, useState } from 'preact/hooks';
import type { EventView } from '../../../../gateway/api/routes/events-routes';
import { href } from '../../app/router';
import { time } from '../../lib/format';
import { useConnection, useEvents } from '../../lib/live';
import { useQuery } from '../../lib/use-query';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Card } from '../../ui/card';
import { Field } from '../../ui/field';
import { NeedsScope } from '../../ui/needs-scope';
import { Problem } from '../../ui/problem';
import { Loading } from '../../ui/query-view';
import { Table } from '../../ui/table';
import { dataLine, matching, NO_EVENTS, resumed, toneOf, withEvents } from './event-list';

/** More would be read by nobody; words find the others. */
const SHOWN = 100;

/** What the platform does, as it does it. */
export default function EventsPage() {
  return (
    <>
      <h1>Events</h1>
      <NeedsScope scope="read" to="see what happens">
        <Shown />
      </NeedsScope>
    </>
  );
}

function Shown() {
  const [list, setList] = useState(NO_EVENTS);
  const [paused, setPaused] = useState(false);
  const [words, setWords] = useState('');
  const connection = useConnection();
  const past = useQuery<{ readonly items: readonly EventView[] }>('/v1/events?limit=100');
  useEffect(() => {
    if (past.data) setList((before) => withEvents(before, past.data?.items ?? [], false));
  }, [past.data]);
  useEvents({}, (event) => setList((before) => withEvents(before, [event], paused)));
  const pause = () => {
    if (paused) setList(resumed);
    setPaused(!paused);
  };
  const rows = matching(list.shown, words);
  return (
    <Card
      title="What happens"
      actions={
        <>
          <span role="status" class="hint">
            {paused ? `paused; ${list.waiting.length} new` : connection === 'live' ? 'live' : 'not live'}
          </span>
          <Button onClick={pause} pressed={paused}>
            Pause
          </Button>
        </>
      }
    >
      <Field label="Only with these words" hint="of the type, the function, the node or what else an event says">
        {(control) => (
          <input {...control} type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        )}
      </Field>
      {past.error && <Problem error={past.error} retry={past.reload} />}
      {past.loading && <Loading />}
      <Table
        caption="Events, the newest first"
        columns={[
          { label: 'Time', value: ({ at }) => <time dateTime={at}>{time(at)}</time> },
          { label: 'What', value: ({ type }) => <Badge tone={toneOf(type)}>{type}</Badge> },
          {
            label: 'Function',
            value: (event) =>
              event.function !== null && <a href={href('functions', event.function)}>{event.function}</a>,
          },
          { label: 'Node', value: ({ node }) => node },
          { label: 'More', value: ({ data }) => dataLine(data) },
        ]}
        rows={rows.slice(0, SHOWN)}
        keyOf={({ id }) => id}
        empty={
          list.shown.length > 0
            ? 'None of the events has these words.'
            : 'Nothing has happened yet. A deploy or a first call makes events.'
        }
      />
      {rows.length > SHOWN && (
        <p class="hint">
          The newest {SHOWN} of {rows.length}; words narrow them.
        </p>
      )}
    </Card>
  );
}
