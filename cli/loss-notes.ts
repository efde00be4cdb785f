import type { Output } from './output';
import type { StreamWatch } from './server-events';

/** Says that what is followed was lost, and that it is back: nothing was missed, for it goes on after the last event seen. */
export function lossNotes(output: Output): Pick<StreamWatch, 'onLost' | 'onBack'> {
  return {
    onLost: () => output.note('The connection is lost; trying again …'),
    onBack: () => output.note('The connection is back; nothing was missed'),
  };
}
