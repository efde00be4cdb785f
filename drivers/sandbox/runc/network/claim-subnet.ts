import { lstatSync, readdirSync, readlinkSync, existsSync, unlinkSync } from 'node:fs';
import { mkdir, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../../../core/error/platform-error';
import { runTool } from '../setup/run-tool';
import { nextSubnet, overlaps, parseAddress, parseSubnet, type Subnet, subnetText } from './subnet';

/** One link per subnet in use, pointing at the run folder of the driver that uses it. */
export const CLAIMS = '/run/presage/subnets';
const ATTEMPTS = 32;

/**
 * The wanted subnet, or the nearest above it that neither the host nor another driver uses. A driver keeps what it
 * had, so that its running instances keep their addresses. @param ownLinks how the names of its links begin @throws PlatformError conflict when all are taken
 */
export async function claimSubnet(wanted: Subnet, owner: string, ownLinks: string, claims = CLAIMS): Promise<Subnet> {
  await mkdir(claims, { recursive: true, mode: 0o755 });
  const own = readClaims(claims).find((claim) => claim.owner === owner && claim.subnet.bits === wanted.bits);
  if (own) return own.subnet;
  const host = await hostSubnets(ownLinks);
  let candidate = wanted;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1, candidate = nextSubnet(candidate)) {
    const taken = [...host, ...readClaims(claims).map((claim) => claim.subnet)];
    if (taken.some((other) => overlaps(other, candidate))) continue;
    try {
      await symlink(owner, path.join(claims, subnetText(candidate).replace('/', '_')));
      return candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new PlatformError('conflict', `No free subnet near ${subnetText(wanted)}: the host uses them all`, {
    hint: 'Set agent.subnet to a private range that this machine does not use.',
  });
}

export async function releaseSubnet(owner: string, claims = CLAIMS): Promise<void> {
  for (const claim of readClaims(claims)) {
    if (claim.owner === owner) await unlink(claim.file).catch(() => undefined);
  }
}

interface Claim {
  readonly file: string;
  readonly owner: string;
  readonly subnet: Subnet;
}

/** A claim ends with its owner's run folder. */
function readClaims(claims: string): Claim[] {
  if (!existsSync(claims)) return [];
  return readdirSync(claims).flatMap((name) => {
    const file = path.join(claims, name);
    try {
      if (!lstatSync(file).isSymbolicLink()) return [];
      const owner = readlinkSync(file);
      if (existsSync(owner)) return [{ file, owner, subnet: parseSubnet(name.replace('_', '/')) }];
      unlinkSync(file);
      return [];
    } catch {
      return [];
    }
  });
}

/**
 * What addresses and routes of the host cover, without the default route and what the driver's own instances have.
 * The links of others count: one whose run folder is gone may have left some, and they end only with their routes.
 */
async function hostSubnets(ownLinks: string): Promise<Subnet[]> {
  const routes = JSON.parse(await runTool('ip', ['-j', '-4', 'route', 'show', 'table', 'all'])) as {
    dst?: string;
    dev?: string;
  }[];
  return routes.flatMap(({ dst, dev }) => {
    if (!dst || dst === 'default' || dev?.startsWith(ownLinks)) return [];
    const [address = '', bits = '32'] = dst.split('/');
    if (!/^\d+\.\d+\.\d+\.\d+$/.test(address) || Number(bits) === 0) return [];
    return [{ base: parseAddress(address), bits: Number(bits) }];
  });
}
