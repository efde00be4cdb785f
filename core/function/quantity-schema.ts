import { z } from 'zod';
import { DURATION, parseDuration } from './quantity';

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
export const durationSchema = z.string().superRefine(checkedBy(parseDuration)).meta({ pattern: DURATION.source });

/** A quantity as people write it, as the number that `parse` makes of it; plain numbers count too. */
export function quantityIn(parse: (text: string) => number) {
  return z.coerce.string().transform(parsedBy(parse));
}

/** A duration in milliseconds. */
export const durationIn = z.string().transform(parsedBy(parseDuration));

function parsedBy(parse: (text: string) => number) {
  return (text: string, context: z.RefinementCtx): number => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  };
}
