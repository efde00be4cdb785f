import { z } from 'zod';
import { parseCron } from './cron';
import { HEADER_NAME, HEADER_VALUE, REQUEST_PATH } from './http-syntax';
import { nameSchema } from './name-schema';
import { checkedBy } from './quantity-schema';

/** The name of a time zone, such as Europe/Berlin. */
export const timeZoneSchema = z.string().superRefine((zone, context) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    context.addIssue({
      code: 'custom',
      message: `"${zone}" is not a time zone; write e.g. Europe/Berlin or UTC`,
    });
  }
});

const headersSchema = z
  .record(
    z.string().regex(HEADER_NAME, 'must be the name of a header'),
    z.string().regex(HEADER_VALUE, 'must be the value of a header: no line ends, no control characters'),
  )
  .default({});

/** One of `spec.triggers`: a time, or a URL for other systems. What it makes is an asynchronous invocation of `live`. */
const triggerSpecSchema = z
  .strictObject({
    name: nameSchema.describe('unique within the function; the URL of a webhook is made from it'),
    cron: z.string().superRefine(checkedBy(parseCron)).optional().describe('minute hour day month weekday'),
    timeZone: timeZoneSchema.default('UTC').describe('of the cron expression'),
    webhook: z
      .strictObject({
        secret: nameSchema
          .optional()
          .describe('a secret of the tenant; then the body must carry its HMAC-SHA256 in hexadecimal'),
        signatureHeader: z
          .string()
          .regex(/^[a-z0-9-]+$/, 'must be the name of a header in lower case')
          .default('x-hub-signature-256'),
      })
      .optional(),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
    path: z
      .string()
      .regex(REQUEST_PATH, 'must begin with / and have no blanks, line ends or letters beyond Latin-1')
      .max(2048)
      .default('/'),
    headers: headersSchema,
    body: z.string().max(65_536).optional().describe('of the requests that a cron expression makes'),
  })
  .superRefine((trigger, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if ((trigger.cron === undefined) === (trigger.webhook === undefined)) {
      issue('cron', 'a trigger has either a cron expression or a webhook (webhook: {} will do)');
    }
    if (trigger.webhook && trigger.body !== undefined) issue('body', 'the body of a webhook comes from its caller');
  });

export const triggerSpecsSchema = z
  .array(triggerSpecSchema)
  .max(50)
  .superRefine((triggers, context) => {
    triggers.forEach((trigger, index) => {
      if (triggers.findIndex((other) => other.name === trigger.name) < index) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${trigger.name}" is taken by another` });
      }
    });
  })
  .default([]);

export type TriggerSpec = z.infer<typeof triggerSpecSchema>;
