import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../../core/error/platform-error';
import { runTool } from '../setup/run-tool';
import type { GatewayListener } from './gateway-door';
import { ANY_LINK, nftRules } from './nft-rules';
import { addressText, gatewayOf, sizeOf, type Subnet } from './subnet';

/** `egress` may call out, `inbound` may only be called, `bare` has nothing but its own loopback. */
export type NetworkKind = 'egress' | 'inbound' | 'bare';

/** A network namespace that is ready to be entered. */
export interface Network {
  readonly name: string;
  readonly kind: NetworkKind;
  /** The file by which it is entered. */
  readonly file: string;
  /** Where the host reaches it; null for `bare`. */
  readonly address: string | null;
}

const FOLDER = '/run/netns';
const KINDS: Readonly<Record<string, NetworkKind>> = { e: 'egress', i: 'inbound', b: 'bare' };
/** Unused ones kept beyond the number prepared ahead. */
const SPARE = 32;
const QUIET_MS = 40;

/** How the names of a driver's links on the host begin. */
export function linksOf(key: string): string {
  return `${ANY_LINK}${key}-`;
}

export interface NetworkPoolOptions {
  /** Six characters that are this driver's alone. */
  readonly key: string;
  /** How many to keep ready of each kind in use. */
  readonly ready: number;
  /** While this is so, nothing is made in the background. */
  readonly busy: () => boolean;
}

/**
 * Network namespaces made ahead, addresses, routes and link included: entering one costs a start less than making an
 * empty one, and the function can call out from its first instruction. They belong to the host's user namespace, so
 * a function cannot change anything in its own; when all its processes are dead, another may have it.
 */
export class NetworkPool {
  private subnet: Subnet | undefined;
  private readonly free: Record<NetworkKind, Network[]> = { egress: [], inbound: [], bare: [] };
  /** Names that exist, whoever uses them. */
  private readonly taken = new Set<string>();
  private readonly pending = new Set<Promise<unknown>>();
  private readonly preparing = new Set<NetworkKind>();
  private closed = false;

  constructor(private readonly options: NetworkPoolOptions) {
    for (const name of this.existing()) this.taken.add(name);
  }

  get table(): string {
    return `presage_${this.options.key}`;
  }

  /** Turns on forwarding and the packet filter. Without it every network is `bare`. */
  async connect(subnet: Subnet, resolver: string | null, gateway: GatewayListener | null): Promise<void> {
    const rules = nftRules({ table: this.table, linkPrefix: linksOf(this.options.key), subnet, resolver, gateway });
    await runTool('nft', ['-f', '-'], { input: rules });
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    this.subnet = subnet;
  }

  /** A ready one when there is, else a new one (some 10 ms). */
  async acquire(wanted: NetworkKind): Promise<Network> {
    const kind = this.subnet ? wanted : 'bare';
    const network = this.free[kind].pop() ?? (await this.make(kind));
    return network;
  }

  /** To be called when no process is left in it. */
  release(network: Network): void {
    if (this.closed || this.free[network.kind].length >= this.options.ready + SPARE) {
      this.background(this.remove(network.name));
    } else this.free[network.kind].push(network);
  }

  /** Makes ready ones in the background until there are enough. */
  prepare(kind: NetworkKind): void {
    if (this.preparing.has(kind) || (kind !== 'bare' && !this.subnet)) return;
    this.preparing.add(kind);
    this.background(this.fill(kind).finally(() => this.preparing.delete(kind)));
  }

  /** The network of a sandbox that was found running. */
  adopt(name: string): Network | undefined {
    return existsSync(path.join(FOLDER, name)) ? this.describe(name) : undefined;
  }

  /** Removes what an agent left that is neither free here nor in `used`. */
  async sweep(used: ReadonlySet<string>): Promise<void> {
    await this.settle();
    const known = new Set(Object.values(this.free).flatMap((networks) => networks.map((network) => network.name)));
    await Promise.all(
      this.existing()
        .filter((name) => !used.has(name) && !known.has(name))
        .map((name) => this.remove(name)),
    );
  }

  /** Removes the unused ones; with `all` the packet filter as well. */
  async close(all: boolean): Promise<void> {
    this.closed = true;
    await this.settle();
    const unused = Object.values(this.free).flatMap((networks) => networks.splice(0));
    await Promise.all(unused.map((network) => this.remove(network.name)));
    await this.settle();
    const removal = `table inet ${this.table} {}\ndelete table inet ${this.table}\n`;
    if (all && this.subnet) await runTool('nft', ['-f', '-'], { input: removal });
  }

  private async fill(kind: NetworkKind): Promise<void> {
    while (!this.closed && this.free[kind].length < this.options.ready) {
      if (this.options.busy()) await delay(QUIET_MS);
      else this.free[kind].push(await this.make(kind));
    }
  }

  private async settle(): Promise<void> {
    while (this.pending.size > 0) await Promise.allSettled([...this.pending]);
  }

  private background(work: Promise<unknown>): void {
    const quiet = work.catch(() => undefined).finally(() => this.pending.delete(quiet));
    this.pending.add(quiet);
  }

  private existing(): string[] {
    const prefix = `presage-${this.options.key}-`;
    return existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.startsWith(prefix)) : [];
  }

  private async make(kind: NetworkKind): Promise<Network> {
    const letter = kind.charAt(0);
    let index = 0;
    while (this.taken.has(this.nameOf(letter, index))) index += 1;
    if (this.subnet && index >= sizeOf(this.subnet) / 2 - 2) {
      throw new PlatformError('capacity', 'The subnet of this node has no address left for another instance');
    }
    const name = this.nameOf(letter, index);
    this.taken.add(name);
    const network = this.describe(name);
    const link = this.linkOf(name);
    const outside = [`netns add ${name}`];
    const inside = ['link set lo up'];
    if (network.address !== null && this.subnet) {
      const gateway = gatewayOf(this.subnet);
      outside.push(
        `link add ${link} type veth peer name eth0 netns ${name}`,
        `link set ${link} addrgenmode none up`,
        `addr add ${gateway}/32 dev ${link}`,
        `route add ${network.address}/32 dev ${link} src ${gateway}`,
      );
      inside.push(
        'link set eth0 addrgenmode none up',
        `addr add ${network.address}/32 dev eth0`,
        `route add ${gateway}/32 dev eth0`,
        `route add default via ${gateway} dev eth0`,
      );
    }
    try {
      await runTool('ip', ['-batch', '-'], { input: `${outside.join('\n')}\n` });
      await runTool('ip', ['-n', name, '-batch', '-'], { input: `${inside.join('\n')}\n` });
      // lets the filter translate the gateway's door to the loopback; all else for it is dropped before
      if (network.address !== null) writeFileSync(`/proc/sys/net/ipv4/conf/${link}/route_localnet`, '1');
    } catch (error) {
      await this.remove(name).catch(() => undefined);
      throw error;
    }
    return network;
  }

  private nameOf(letter: string, index: number): string {
    return `presage-${this.options.key}-${letter}${index.toString(36)}`;
  }

  private linkOf(name: string): string {
    return linksOf(this.options.key) + name.slice(name.lastIndexOf('-') + 1);
  }

  private describe(name: string): Network {
    const tail = name.slice(name.lastIndexOf('-') + 1);
    const kind = KINDS[tail.charAt(0)] ?? 'bare';
    const index = parseInt(tail.slice(1), 36);
    let address: string | null = null;
    if (this.subnet && kind !== 'bare') {
      const half = sizeOf(this.subnet) / 2;
      // 0 and 1 are the subnet's own and the gateway; the upper half may not call out
      address = addressText(this.subnet.base + (kind === 'egress' ? 2 + index : half + index));
    }
    return { name, kind, file: path.join(FOLDER, name), address };
  }

  private async remove(name: string): Promise<void> {
    if (existsSync(path.join(FOLDER, name))) {
      // the kernel takes a namespace apart later, at its leisure; its address may be wanted by then
      const link = this.linkOf(name);
      const steps = existsSync(`/sys/class/net/${link}`) ? [`link delete ${link}`] : [];
      await runTool('ip', ['-batch', '-'], { input: [...steps, `netns delete ${name}`, ''].join('\n') });
    }
    this.taken.delete(name);
  }
}
