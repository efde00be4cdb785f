import type { AdviceView } from '../../lib/answers';

export type AdviceAction = 'apply' | 'revert';

/** What the API lets be done with a recommendation in its state. */
export function adviceAction(state: AdviceView['state']): AdviceAction | null {
  switch (state) {
    case 'open':
    case 'reverted':
    case 'failed':
      return 'apply';
    case 'applying':
    case 'watching':
    case 'kept':
      return 'revert';
    default:
      return null;
  }
}

/** Evidence in one line: `calls a day: 120`. */
export function evidenceText({ name, value, unit }: AdviceView['evidence'][number]): string {
  const shown = typeof value === 'number' ? Number(value.toPrecision(4)).toLocaleString('en') : value;
  return `${name}: ${shown}${unit === null ? '' : ` ${unit}`}`;
}
