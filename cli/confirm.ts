import { createInterface } from 'node:readline/promises';
import { PlatformError } from '../core/error/platform-error';
import type { Terminal } from './terminal';

/**
 * Asks before something that cannot be undone.
 * @throws PlatformError invalid_argument when the user says no, or nobody is there to ask
 */
export async function confirm(terminal: Terminal, question: string): Promise<void> {
  if (terminal.stdin.isTTY !== true) {
    throw new PlatformError('invalid_argument', 'This cannot be undone, and there is no terminal to ask on', {
      hint: 'Add --yes when you are sure.',
    });
  }
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  const answer = await lines.question(`${question} [y/N] `).finally(() => lines.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new PlatformError('invalid_argument', 'Nothing was changed');
}
