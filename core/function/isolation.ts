/** How a function's instances are shut in: by a node's own agent, or as pods that the kubelet runs. */
export const ISOLATIONS = ['agent', 'pod'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/** Label by which a node says that it runs pods; without it a node's own agent does. */
export const ISOLATION_LABEL = 'presage.dev/isolation';

/** What a node with these labels offers. */
export function isolationOf(labels: Readonly<Record<string, string>>): Isolation {
  return labels[ISOLATION_LABEL] === 'pod' ? 'pod' : 'agent';
}

/** Whether a node may hold a function. What is left out is `agent`, as it was before there was a choice. */
export function offersIsolation(node: Isolation | undefined, wanted: Isolation | undefined): boolean {
  return (node ?? 'agent') === (wanted ?? 'agent');
}
