/** What decides how many instances are worth starting for requests that wait. Times in milliseconds. */
export interface WaitingLoad {
  readonly waiting: number;
  /** Requests that one instance serves at once. */
  readonly concurrency: number;
  /** Instances that serve and have finished a request lately, or begun their first. */
  readonly moving: number;
  /** Between two requests that an instance finishes while others wait; null when none has finished one yet. */
  readonly turnMs: number | null;
  /** Instances, those that move included, that the machine could keep at work; more would only take turns. */
  readonly useful: number;
  /** From the decision to start an instance until it serves; null when none was started yet. */
  readonly startMs: number | null;
}

/**
 * Instances to be started, those under way included, for the requests that wait: as many as it takes for the queue to be
 * empty one start's time after they are ready. An instance more would be ready when there is nothing left for it; one less
 * would let somebody wait for longer than a start takes. As long as nothing is known of the function each request gets its
 * own place.
 *
 * With W requests waiting and one leaving each instance every t ms, n instances empty the queue in W·t/n ms, which is at
 * most the start's time s for n ≥ W·t/s (Little's law); those that serve already count among the n.
 */
export function startsNeeded({ waiting, concurrency, moving, useful, turnMs, startMs }: WaitingLoad): number {
  if (waiting === 0) return 0;
  const places = Math.ceil(waiting / concurrency);
  if (turnMs === null || startMs === null) return places;
  const instances = Math.min(Math.ceil((waiting * turnMs) / Math.max(startMs, 1)), useful);
  return Math.min(places, Math.max(moving > 0 ? 0 : 1, instances - moving));
}
