import { checkNamed, type Finding } from './finding';
import type { InstalledNode, Installation } from './installation';
import { diskCheck } from './store-checks';

/** Clocks that differ by more spoil the order of records; by much more, tokens and windows. */
const [SKEW_WARN_MS, SKEW_FAIL_MS] = [500, 5_000];

/** Machines, what runs on them, and what they share. */
export function nodeChecks(installation: Installation): readonly Finding[] {
  return [
    present(installation),
    clocks(installation),
    sandboxes(installation),
    checkpoints(installation),
    versions(installation),
    imageStore(installation),
    diskCheck('disk', 'Disk of the gateway', installation.disk),
    ...installation.nodes.map(({ name, disk }) => diskCheck(`disk-${name}`, `Disk of node ${name}`, disk)),
  ];
}

function present({ nodes }: Installation): Finding {
  const { ok, warn, fail } = checkNamed('nodes', 'Nodes');
  const silent = nodes.filter(({ driver }) => driver === null);
  const means = 'What is placed there is served by others, if they have room.';
  if (silent.length > 0 || nodes.length === 0) {
    const detail = nodes.length === 0 ? 'there are none' : `${names(silent)} of ${nodes.length} do not answer`;
    return fail(detail, means, 'presage node ls; look at the logs of their agents.');
  }
  const off = nodes.filter(({ state }) => state !== 'ready');
  if (off.length > 0)
    return warn(`${names(off)} take no work`, means, 'presage node uncordon NAME, or presage node rm NAME.');
  if (nodes.length === 1) {
    return warn('there is one', 'With it everything stops.', 'Add another: docs/how-to/remote-agents.md.');
  }
  return ok(`${nodes.length} answer and take work`);
}

function clocks({ nodes, postgres }: Installation): Finding {
  const { ok, warn, fail } = checkNamed('clocks', 'Clocks');
  const skews = [
    ...nodes.flatMap(({ name, clockSkewMs, clockErrorMs }) =>
      // What the way there took says nothing of the clock.
      clockSkewMs === null ? [] : [{ name, ms: Math.max(0, Math.abs(clockSkewMs) - (clockErrorMs ?? 0)) }],
    ),
    ...(typeof postgres === 'string' ? [] : [{ name: 'PostgreSQL', ms: Math.abs(postgres.clockSkewMs) }]),
  ];
  const worst = skews.reduce((most, one) => (one.ms > most.ms ? one : most), { name: '', ms: 0 });
  if (worst.ms <= SKEW_WARN_MS) return ok(`within ${Math.ceil(worst.ms)} ms of the gateway's`);
  return (worst.ms > SKEW_FAIL_MS ? fail : warn)(
    `${worst.name} is ${Math.round(worst.ms)} ms off`,
    'Records come in the wrong order; tokens and certificates are refused too early or too late.',
    'Run chrony or systemd-timesyncd on every machine.',
  );
}

function sandboxes({ nodes }: Installation): Finding {
  const { ok, fail } = checkNamed('isolation', 'Isolation');
  const bare = nodes.filter(({ driver }) => driver === 'process' || driver === 'simulated');
  if (bare.length === 0) return ok('functions are shut in on every node that answers');
  return fail(
    `none on ${names(bare)}`,
    'Functions of all tenants see the machine and each other.',
    'npm run doctor there says what runc lacks; agent.sandbox: runc refuses to start without.',
  );
}

function checkpoints({ nodes }: Installation): Finding {
  const { ok, warn } = checkNamed('criu', 'CRIU on each node');
  const mend = 'npm run doctor there; the log of the agent says which self-test failed.';
  const without = nodes.filter(({ checkpoints: there, driver }) => there === false && driver === 'runc');
  if (without.length > 0) {
    return warn(`no checkpoints on ${names(without)}`, 'Instances start cold there, however often.', mend);
  }
  const spoilt = nodes.reduce((sum, { quarantined }) => sum + quarantined, 0);
  if (spoilt > 0) {
    return warn(
      `${spoilt} checkpoint(s) failed to restore and are not used`,
      'Their functions start cold.',
      'presage checkpoints NAME; presage checkpoint NAME.',
    );
  }
  const able = nodes.filter(({ checkpoints: there }) => there === true).length;
  return ok(`${able} of ${nodes.length} nodes make and restore checkpoints; none is spoilt`);
}

function versions({ nodes, version }: Installation): Finding {
  const { ok, warn } = checkNamed('versions', 'Versions');
  const others = nodes.filter((node) => node.version !== null && node.version !== version);
  if (others.length === 0) return ok(`gateway and agents are ${version}`);
  return warn(
    `the gateway is ${version}; ${others.map((node) => `${node.name} is ${node.version}`).join(', ')}`,
    'Neighbouring versions work together; further ones were not tried.',
    'Finish the upgrade: docs/how-to/upgrade.md.',
  );
}

function imageStore({ nodes, imageStore: kind }: Installation): Finding {
  const { ok, warn } = checkNamed('image-store', 'Image store');
  const far = nodes.filter(({ elsewhere }) => elsewhere);
  if (far.length === 0) return ok(`${kind}, and every node is on this machine`);
  return warn(
    `${kind}, and ${names(far)} are on other machines`,
    'Code and checkpoints reach them only where the folder is shared; and it is backed up by nobody but you.',
    'Let blobs/ of the data folder be a shared, backed up file system (docs/nodes.md).',
  );
}

function names(nodes: readonly InstalledNode[]): string {
  return nodes.map(({ name }) => name).join(', ');
}
