import { TIME_PARTS, type TimeSlice } from '../../../../core/start/start-story';
import { ms } from '../../lib/format';

/** Where the time of an invocation went, as parts of a bar; each is named by its title, and all in words for who does not see it. */
export function PhaseBar(props: { slices: readonly TimeSlice[]; totalMs: number }) {
  const { slices, totalMs } = props;
  const words = slices.map(({ what, ms: took }) => `${what} ${ms(took)}`).join(', ');
  return (
    <span class="phases" role="img" aria-label={words === '' ? 'No time was measured' : words}>
      {slices.map(({ part, what, ms: took }) => (
        <span
          class={`phase ${part}`}
          title={`${what}: ${ms(took)}`}
          style={{ width: `${(took / Math.max(totalMs, 0.001)) * 100}%` }}
        />
      ))}
    </span>
  );
}

/** What the colours of the bars are. */
export function PhaseKey() {
  return (
    <p class="hint phase-key">
      Where the time went:
      {TIME_PARTS.map((part) => (
        <span>
          <span class={`phase ${part}`} aria-hidden="true" /> {part}
        </span>
      ))}
    </p>
  );
}
