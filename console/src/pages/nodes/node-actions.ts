/** What may be done with a node. */
export type NodeAction = 'cordon' | 'uncordon' | 'drain' | 'remove';

interface ActionWords {
  readonly word: string;
  readonly danger: boolean;
  readonly does: string;
  readonly asksWhy: boolean;
}

export const NODE_ACTIONS: Readonly<Record<NodeAction, ActionWords>> = {
  cordon: {
    word: 'Cordon',
    danger: false,
    does: 'It gets no new work; what runs there stays and goes on serving.',
    asksWhy: true,
  },
  uncordon: { word: 'Uncordon', danger: false, does: 'It gets work again; a drain ends where it is.', asksWhy: true },
  drain: {
    word: 'Drain',
    danger: true,
    does: 'Every function moves to another node without a failed request, then what is left there ends. A workflow does it; uncordon ends it.',
    asksWhy: true,
  },
  remove: { word: 'Remove', danger: true, does: 'It is taken out of the platform. It may join again under its name.', asksWhy: false }, // prettier-ignore
};

/** What a node in a state allows, as the API does. */
export function nodeActions(state: string): readonly NodeAction[] {
  switch (state) {
    case 'ready':
    case 'unreachable':
      return ['cordon', 'drain'];
    case 'cordoned':
      return ['uncordon', 'drain'];
    case 'draining':
      return ['uncordon'];
    case 'drained':
      return ['uncordon', 'remove'];
    case 'lost':
      return ['remove'];
    default:
      return [];
  }
}
