import type { ListrTask } from 'listr2';
import { isPlatformError } from '../../core/error/platform-error';
import type { Prerequisite } from './prerequisites/prerequisite';

/** What the setting up found out that the start must know. */
export interface SetUpResult {
  /** Set when functions cannot be isolated on this machine: why. */
  withoutIsolation: string | null;
  readonly warnings: string[];
}

/** One line of the progress list for each prerequisite. They follow each other: most of them use the package manager, or all cores. */
export function setUpTasks(prerequisites: readonly Prerequisite[], result: SetUpResult): ListrTask[] {
  return prerequisites.map((prerequisite) => ({
    title: prerequisite.title,
    skip: () =>
      prerequisite.need !== 'always' && result.withoutIsolation !== null && 'functions run as plain processes',
    task: async (_context, task) => {
      try {
        await prerequisite.ensure((line) => (task.output = line));
      } catch (error) {
        if (prerequisite.need === 'always') throw error;
        const reason = sentenceOf(error);
        if (prerequisite.need === 'isolation') result.withoutIsolation = reason;
        result.warnings.push(`${prerequisite.title}: ${reason}`);
        task.skip(`${prerequisite.title}: ${reason}`);
        return;
      }
      const finding = await prerequisite.check();
      task.title = `${prerequisite.title}: ${finding.detail}`;
    },
  }));
}

/** An error for the terminal: what happened, then what to do. */
export function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isPlatformError(error) && error.hint ? `${message}\n  ${error.hint}` : message;
}
