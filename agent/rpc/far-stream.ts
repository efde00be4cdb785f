import { DelayLine } from './delay-line';
import type { StreamConnection } from './endpoint-stream';

/** A stream on which every message takes half of a round trip, there as well as back. @param roundTripMs above 0 */
export function farStream(near: StreamConnection, roundTripMs: number): StreamConnection {
  const [there, back] = [new DelayLine(roundTripMs / 2), new DelayLine(roundTripMs / 2)];
  return {
    write: (message) => there.push(() => near.write(message)),
    end: () => there.push(() => near.end()),
    onMessage: (handler) => near.onMessage((message) => back.push(() => handler(message))),
    onEnd: (handler) => near.onEnd((error) => back.push(() => handler(error))),
  };
}
