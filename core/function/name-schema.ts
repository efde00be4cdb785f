import { z } from 'zod';

/** A DNS label: what fits into a host name, a path segment and a file name alike. */
export const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A name of something of the platform. */
export const nameSchema = z.string().regex(NAME, 'must be 1-63 of a-z, 0-9 and "-", not starting or ending with "-"');
