/** One statement about an object, as Kubernetes shows it. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase, for programs. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** Of the object that this is about. */
  readonly observedGeneration: number;
  /** RFC 3339: since when the status is what it is. */
  readonly lastTransitionTime: string;
}

/** A condition before it is known since when it holds. */
export type Statement = Omit<Condition, 'observedGeneration' | 'lastTransitionTime'>;

/** Kubernetes takes no longer message. */
const LONGEST_MESSAGE = 32_768;

/**
 * The conditions that follow on those before: whatever says the same keeps its time, so that nothing is written where nothing
 * has changed.
 * @param now RFC 3339
 */
export function nextConditions(
  before: readonly Condition[],
  statements: readonly Statement[],
  generation: number,
  now: string,
): readonly Condition[] {
  return statements.map(({ type, status, reason, message }) => {
    const last = before.find((condition) => condition.type === type);
    return {
      type,
      status,
      reason,
      message: message.slice(0, LONGEST_MESSAGE),
      observedGeneration: generation,
      lastTransitionTime: last?.status === status ? last.lastTransitionTime : now,
    };
  });
}
