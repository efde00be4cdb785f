import { createHash } from 'node:crypto';

/** What a retraining that a person or drift asks for is called: of the same functions one runs at a time. */
export function retrainWorkflowId(tenant: string, functions: readonly string[] | undefined): string {
  if (functions === undefined) return `retrain/${tenant}`;
  const [first, ...others] = [...new Set(functions)].sort();
  if (others.length === 0) return `retrain/${tenant}/${first}`;
  const rest = createHash('sha256').update(others.join()).digest('hex').slice(0, 8);
  return `retrain/${tenant}/${first}+${others.length}-${rest}`;
}
