import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claimSubnet } from '../../../../drivers/sandbox/runc/network/claim-subnet';
import { parseSubnet, subnetText } from '../../../../drivers/sandbox/runc/network/subnet';
import { runTool } from '../../../../drivers/sandbox/runc/setup/run-tool';

/** A link as an agent leaves it whose run folder was deleted under it. */
const LEFT = 'pvgone00-e0';

describe('claimSubnet beside links that others have left', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'presage-claims-'));
  const owner = path.join(root, 'run');
  beforeAll(async () => {
    mkdirSync(owner);
    const steps = [
      `link add ${LEFT} type veth peer name pvgone00-p0`,
      `link set ${LEFT} up`,
      `route add 198.19.0.2/32 dev ${LEFT}`,
      '',
    ];
    await runTool('ip', ['-batch', '-'], { input: steps.join('\n') });
  });
  afterAll(async () => {
    await runTool('ip', ['link', 'delete', LEFT]);
    rmSync(root, { recursive: true });
  });

  test('takes the next range, as theirs would be refused by the host; its own are no hindrance', async () => {
    const wanted = parseSubnet('198.19.0.0/24');
    const claim = async (ownLinks: string): Promise<string> =>
      subnetText(await claimSubnet(wanted, owner, ownLinks, path.join(root, ownLinks)));
    expect(await claim('pvmine00-')).toBe('198.19.1.0/24');
    expect(await claim('pvgone00-')).toBe('198.19.0.0/24');
  });
});
