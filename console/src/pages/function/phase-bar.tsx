import type { TimeSlice } from '../../../../core/start/start-story';
import { ms } from '../../lib/format';

/** Where the time of an invocation went, as parts of a bar; the parts are named by their title and in words for who does not see it. */
export function PhaseBar(props: { slices: readonly TimeSlice[]; totalMs: number }) {
  const { slices, totalMs } = props;
  const words = slices.map(({ what, ms: took }) => `${what} ${ms(took)}`).join(', ');
  return (
    <span class="phases" role="img" aria-label={words === '' ? 'No time was measured' : words}>
      {slices.map(({ what, ms: took }, at) => (
        <span
          class={`phase p${at % 4}`}
          title={`${what}: ${ms(took)}`}
          style={{ width: `${(took / Math.max(totalMs, 0.001)) * 100}%` }}
        />
      ))}
    </span>
  );
}
