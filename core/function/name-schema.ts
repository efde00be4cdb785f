import { z } from 'zod';
import { NAME } from './name-pattern';

/** A name of something of the platform. */
export const nameSchema = z.string().regex(NAME, 'must be 1-63 of a-z, 0-9 and "-", not starting or ending with "-"');
