import { createHash } from 'node:crypto';

/** What all objects of function pods bear; everything without it is nobody's affair of ours. */
export const POD_LABELS = {
  'app.kubernetes.io/managed-by': 'presage',
  'app.kubernetes.io/component': 'function',
} as const;

/** As the API takes it. */
export const POD_SELECTOR = Object.entries(POD_LABELS)
  .map(([name, value]) => `${name}=${value}`)
  .join(',');

/** Name of the Deployment, of its Service and of its Secret. */
export const WORKLOAD_LABEL = 'presage.dev/workload';
export const NODE_LABEL = 'presage.dev/node';
/** Annotation with the run spec, without secrets. */
export const RUN_ANNOTATION = 'presage.dev/run';
/** Annotation with the checkpoint image that its pods are restored from. */
export const CHECKPOINT_ANNOTATION = 'presage.dev/checkpoint';
/** Annotation that says what its pods are made of, without giving it away. */
export const KEY_ANNOTATION = 'presage.dev/key';

const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** A text as a label's value: itself where it may be one, else a digest of it. */
export function labelValue(text: string): string {
  return LABEL_VALUE.test(text) ? text : `x-${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
}
