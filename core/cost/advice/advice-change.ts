import { z } from 'zod';
import { nameSchema } from '../../function/name-schema';
import { nodeNameSchema } from '../../node/node-name';
import { policyNameSchema } from '../../warming/policies/policy-name-schema';

const target = { tenant: nameSchema, function: nameSchema };

/** What of a function's manifest is written anew; at least one. */
export const specPatchSchema = z
  .strictObject({
    memory: z.string(),
    cpu: z.string(),
    checkpoint: z.enum(['deploy', 'first-request', 'never']),
  })
  .partial();
export type SpecPatch = z.output<typeof specPatchSchema>;

/** What a recommendation changes, exactly. */
export const adviceChangeSchema = z.discriminatedUnion('kind', [
  /** A new revision of the function, with some of its manifest changed; `revision` is the one that it was reckoned for. */
  z.strictObject({ kind: z.literal('spec'), ...target, revision: z.number().int().min(1), set: specPatchSchema }),
  /** Another warming policy for the whole platform. */
  z.strictObject({ kind: z.literal('policy'), from: policyNameSchema, to: policyNameSchema }),
  z.strictObject({ kind: z.literal('move'), ...target, from: nodeNameSchema, to: nodeNameSchema }),
  /** A node is emptied and gets no more work. */
  z.strictObject({ kind: z.literal('drain'), node: nodeNameSchema }),
]);
export type AdviceChange = z.output<typeof adviceChangeSchema>;

/** The change in words, for people. */
export function describeChange(change: AdviceChange): string {
  switch (change.kind) {
    case 'spec':
      return `deploy ${change.tenant}/${change.function} with ${patchText(change.set)} instead of what revision ${change.revision} has`;
    case 'policy':
      return `put the policy ${change.to} in force instead of ${change.from}`;
    case 'move':
      return `move ${change.tenant}/${change.function} from ${change.from} to ${change.to}`;
    case 'drain':
      return `drain ${change.node}, then switch it off`;
  }
}

/** How the change is taken back, for people. */
export function describeUndo(change: AdviceChange): string {
  switch (change.kind) {
    case 'spec':
      return `point live at revision ${change.revision} again`;
    case 'policy':
      return `put ${change.from} in force again`;
    case 'move':
      return `move it back to ${change.from}`;
    case 'drain':
      return `make ${change.node} ready again`;
  }
}

function patchText({ memory, cpu, checkpoint }: SpecPatch): string {
  return [
    ...(memory === undefined ? [] : [`resources.memory ${memory}`]),
    ...(cpu === undefined ? [] : [`resources.cpu ${cpu}`]),
    ...(checkpoint === undefined ? [] : [`checkpoint.when ${checkpoint}`]),
  ].join(' and ');
}
