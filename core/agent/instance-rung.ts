import type { InstanceState } from './instance-state';

/** Where a function's instances stand, from the dearest to the cheapest; a checkpoint is no instance, but may become one. */
export const SHOWN_RUNGS = ['running', 'frozen', 'checkpoint'] as const;
export type ShownRung = (typeof SHOWN_RUNGS)[number];

/** The rung of an instance in this state; null: it is going. */
export function rungOfInstance(state: string): Exclude<ShownRung, 'checkpoint'> | null {
  switch (state as InstanceState) {
    case 'frozen':
    case 'freezing':
      return 'frozen';
    case 'stopping':
    case 'gone':
      return null;
    default:
      return 'running';
  }
}
