import { z } from 'zod';
import { entryPath } from '../archive/entry-path';
import { checkedBy } from '../function/quantity-schema';

/** The name of most objects of Kubernetes (RFC 1123). */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** `spec.code` of a Function object: where its code is. Exactly one of the three. */
export const functionCodeSchema = z
  .strictObject({
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
      .optional()
      .describe('of an archive that this tenant has uploaded: POST /v1/code, or presage manifest DIR'),
    configMap: z
      .strictObject({
        name: z.string().max(253).regex(OBJECT_NAME, 'must be the name of a ConfigMap of the same namespace'),
      })
      .optional()
      .describe('a ConfigMap whose keys are the files of the code folder'),
    files: z
      .record(z.string().superRefine(checkedBy(entryPath)), z.string())
      .optional()
      .describe('the files of the code folder by their paths, for small functions'),
  })
  .superRefine((code, context) => {
    const given = [code.digest, code.configMap, code.files].filter((value) => value !== undefined);
    if (given.length === 1) return;
    const message = given.length === 0 ? CODE_HINT : 'give one of digest, configMap and files';
    context.addIssue({ code: 'custom', path: [], message });
  })
  .describe('where the code is: one of digest, configMap and files');

export type FunctionCode = z.infer<typeof functionCodeSchema>;

/** How to say where the code is. */
export const CODE_HINT = 'name the code: digest, configMap or files; presage manifest DIR prints a whole object';
