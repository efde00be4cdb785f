import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claimSubnet, releaseSubnet } from '../../../../../drivers/sandbox/runc/network/claim-subnet';
import { parseSubnet, subnetText } from '../../../../../drivers/sandbox/runc/network/subnet';

describe('claimSubnet', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'presage-claims-'));
  const claims = path.join(root, 'subnets');
  const wanted = parseSubnet('198.18.0.0/24');
  const owner = (name: string): string => {
    mkdirSync(path.join(root, name), { recursive: true });
    return path.join(root, name);
  };
  afterAll(() => rmSync(root, { recursive: true }));

  test('each driver gets its own, keeps it, and gives it back', async () => {
    const [one, other] = await Promise.all(
      ['a', 'b'].map(async (name) => subnetText(await claimSubnet(wanted, owner(name), 'pvmine-', claims))),
    );
    expect([one, other].sort()).toEqual(['198.18.0.0/24', '198.18.1.0/24']);
    expect(subnetText(await claimSubnet(wanted, owner('a'), 'pvmine-', claims))).toBe(one);
    await releaseSubnet(owner('a'), claims);
    expect(subnetText(await claimSubnet(wanted, owner('c'), 'pvmine-', claims))).toBe(one);
  });

  test('the claim of a run folder that is gone does not count', async () => {
    await releaseSubnet(owner('b'), claims);
    const lost = owner('lost');
    const first = subnetText(await claimSubnet(wanted, lost, 'pvmine-', claims));
    rmSync(lost, { recursive: true });
    expect(subnetText(await claimSubnet(wanted, owner('heir'), 'pvmine-', claims))).toBe(first);
  });
});
