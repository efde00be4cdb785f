import type { PolicyVerdict } from '../../core/court/verdict';
import type { RecordedCase } from '../../drivers/court/court-runner';
import { ThreadCourtRunner } from '../../drivers/court/thread/thread-court-runner';

/** Replays the policies in so many threads, each in one; verdicts come in the order of the policies. */
export async function judgeInThreads(
  recorded: RecordedCase,
  policies: readonly string[],
  threads: number,
): Promise<PolicyVerdict[]> {
  const verdicts: PolicyVerdict[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const runner = new ThreadCourtRunner();
    try {
      while (next < policies.length) {
        const place = next++;
        verdicts[place] = await runner.replay(recorded, policies[place] ?? '');
      }
    } finally {
      await runner.close();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return verdicts;
}
