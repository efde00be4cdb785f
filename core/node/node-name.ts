import { z } from 'zod';

const NODE_NAME = /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** The name of a node: as other names, and with dots, because clusters call their machines by host names. */
export const nodeNameSchema = z
  .string()
  .regex(NODE_NAME, 'must be 1-63 of a-z, 0-9, "-" and ".", each part between dots not starting or ending with "-"');
