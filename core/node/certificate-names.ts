/** What the certificates of the platform's own authority call their owners (organizational unit). */
export const AGENT_ROLE = 'presage-agent';
/** Gateways and control workers: who may call agents. */
export const PLATFORM_ROLE = 'presage-platform';

/** Label of a node that has joined by a token: the platform knows it by the platform's own authority, whatever other nodes show. */
export const JOINED_LABEL = 'presage.dev/joined';

/** The name by which an agent is known in its certificate, wherever it is reached. */
export function serverNameOf(node: string): string {
  return `${node}.node.presage`;
}
