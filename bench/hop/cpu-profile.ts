import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'undici';

/** What the inspector gives; see the Profiler domain of its protocol. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

const OPEN_TRIES = 50;

/**
 * Profiles a Node process by its inspector, which SIGUSR1 opens.
 * @param inspectPort what `--inspect-port` was when it started
 */
export async function takeCpuProfile(pid: number, inspectPort: number, milliseconds: number): Promise<CpuProfile> {
  process.kill(pid, 'SIGUSR1');
  const socket = new WebSocket(await debuggerUrl(inspectPort));
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error('the inspector does not answer'));
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown };
    waiting.get(id)?.(result);
  };
  let last = 0;
  const send = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  await send('Profiler.enable');
  await send('Profiler.setSamplingInterval', { interval: 200 });
  await send('Profiler.start');
  await pause(milliseconds);
  const { profile } = (await send('Profiler.stop')) as { profile: CpuProfile };
  socket.close();
  return profile;
}

async function debuggerUrl(port: number): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
        webSocketDebuggerUrl: string;
      }[];
      if (targets[0]) return targets[0].webSocketDebuggerUrl;
    } catch (error) {
      if (tries >= OPEN_TRIES) throw error;
    }
    await pause(50);
  }
}

/**
 * Shares (0 to 1) of the busy time, the largest first: each sample belongs to the innermost frame that is a file of ours
 * or a package, so that what Node does for someone counts as his.
 */
export function whereTimeGoes(profile: CpuProfile): { readonly owner: string; readonly share: number }[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const owners = new Map<number, string>();
  const ownerOf = (id: number): string => {
    const known = owners.get(id);
    if (known !== undefined) return known;
    let owner: string | undefined;
    for (let at: number | undefined = id; at !== undefined && owner === undefined; at = parents.get(at)) {
      owner = fileOwner(nodes.get(at)?.callFrame.url ?? '');
    }
    const frame = nodes.get(id)?.callFrame;
    owner ??= frame?.url.startsWith('node:') ? frame.url : (frame?.functionName ?? '');
    owners.set(id, owner);
    return owner;
  };
  const times = new Map<string, number>();
  let busy = 0;
  profile.samples.forEach((id, index) => {
    const owner = ownerOf(id);
    if (owner === '(idle)') return;
    const time = profile.timeDeltas[index] ?? 0;
    busy += time;
    times.set(owner, (times.get(owner) ?? 0) + time);
  });
  return [...times].map(([owner, time]) => ({ owner, share: time / busy })).sort((a, b) => b.share - a.share);
}

/** `undici` for a package, `gateway/invocation/exchange.js` for a file of ours, undefined for Node's own. */
function fileOwner(url: string): string | undefined {
  if (!url.includes('/') || url.startsWith('node:') || url.startsWith('wasm:')) return undefined;
  const packaged = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return packaged ?? url.replace(/^.*\/dist\//, '');
}
