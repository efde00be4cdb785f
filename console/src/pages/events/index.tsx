import { useState } from 'preact/hooks';
import type { EventView } from '../../../../gateway/api/routes/events-routes';
import { useEvents } from '../../lib/live';

/** What the platform does, as it does it. */
export default function EventsPage() {
  const [events, setEvents] = useState<readonly EventView[]>([]);
  useEvents({}, (event) => setEvents((before) => [event, ...before].slice(0, 500)));
  return (
    <>
      <h1>Events</h1>
      <ul>
        {events.map(({ id, type }) => (
          <li key={id}>{type}</li>
        ))}
      </ul>
    </>
  );
}
