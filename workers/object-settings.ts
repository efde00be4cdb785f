import { z } from 'zod';
import { nameSchema } from '../core/function/manifest';

/** Section `objects` of the configuration: functions, budgets and placement policies as objects of Kubernetes (docs/kubernetes.md). */
export const objectSettingsSchema = z.strictObject({
  enabled: z.stringbool().or(z.boolean()).default(false),
  /** Whose objects are looked after; default: those of all namespaces. */
  namespaces: z.array(nameSchema).default([]),
  /** The platform's own namespace, where a PlacementPolicy counts; default: that of the kubeconfig or of the pod. */
  home: nameSchema.optional(),
  /** Where functions are called from outside; without it only their paths are told. */
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'is no URL such as https://functions.example.com' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
});

export type ObjectSettings = z.infer<typeof objectSettingsSchema>;
