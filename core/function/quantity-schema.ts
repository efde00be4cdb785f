import { z } from 'zod';
import { parseDuration } from './quantity';

/** Turns a unit parser into a zod refinement, so that its sentence is the one the user reads. */
export function checkedBy(parse: (text: string) => unknown) {
  return (text: string, context: z.RefinementCtx): void => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** A duration as people write it: `500ms`, `30s`, `1h30m`. */
export const durationSchema = z.string().superRefine(checkedBy(parseDuration));
