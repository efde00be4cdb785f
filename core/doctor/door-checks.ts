import { checkNamed, type Finding } from './finding';
import type { Installation } from './installation';

const DAY_MS = 86_400_000;
/** Keys that nobody has changed for so long. */
const OLD_KEY_MS = 90 * DAY_MS;
const SCRAPE_MS = 5 * 60_000;
/** Each call and each waiting connection takes a few. */
const OPEN_FILES = 16_384;

/** What stands between callers and functions: TLS, keys, limits, and who watches. */
export function doorChecks(installation: Installation): readonly Finding[] {
  return [tls(installation), firstKeys(installation), oldKeys(installation), masterKey(installation), limits(installation), openFiles(installation), metrics(installation)]; // prettier-ignore
}

function tls({ door }: Installation): Finding {
  const { ok, warn, fail } = checkNamed('tls', 'TLS at the door');
  const at = `${door.host}:${door.port}`;
  if (door.tls) return ok(`the gateway speaks TLS at ${at}`);
  if (door.local) {
    return warn(
      `plain HTTP at ${at}, which only this machine reaches`,
      'Callers from elsewhere come by something that stands before it, and that must speak TLS.',
      'Let a proxy with a certificate stand before it, or set gateway.tls {cert, key} and gateway.host.',
    );
  }
  return fail(
    `plain HTTP at ${at}`,
    'Keys and bodies can be read and changed on their way.',
    'Set gateway.tls {cert, key}, or bind gateway.host to loopback behind a proxy that speaks TLS (docs/how-to/domain-and-tls.md).',
  );
}

function firstKeys({ keys, at }: Installation): Finding {
  const { ok, warn, fail } = checkNamed('first-key', 'First keys rotated');
  const untouched = keys.filter(({ first, rotatedAt }) => first && rotatedAt === null);
  if (untouched.length === 0) return ok('none of the keys that were made at the first start is as it was');
  const named = untouched.map(({ id, name }) => `${id} (${name})`).join(', ');
  const means = 'It holds all rights for good, and whoever set the platform up has seen it.';
  const mend = 'presage key rotate ID, or make a key for each tool and presage key revoke ID.';
  const young = untouched.every(({ createdAt }) => at.getTime() - createdAt.getTime() < DAY_MS);
  return (young ? warn : fail)(`as at the first start: ${named}`, means, mend);
}

function oldKeys({ keys, at }: Installation): Finding {
  const { ok, warn } = checkNamed('keys', 'Admin keys');
  const now = at.getTime();
  const endless = keys.filter(({ expiresAt }) => expiresAt === null).length;
  const old = keys.filter(({ createdAt, rotatedAt }) => now - (rotatedAt ?? createdAt).getTime() > OLD_KEY_MS).length;
  const idle = keys.filter(
    ({ lastUsedAt, createdAt }) => now - (lastUsedAt ?? createdAt).getTime() > OLD_KEY_MS,
  ).length;
  if (endless + old + idle === 0) return ok(`${keys.length} of operators, each with an end, none older than 90 days`);
  return warn(
    `of ${keys.length} of operators ${endless} never expire, ${old} have a secret older than 90 days, ${idle} were not used for 90 days`,
    'A key that leaks unseen is good until somebody thinks of it.',
    'presage key list; presage key create NAME --expires 90d, presage key rotate ID, presage key revoke ID.',
  );
}

function masterKey({ masterKey: { source, previous } }: Installation): Finding {
  const { ok, warn, fail } = checkNamed('master-key', 'Master key');
  if (source === 'data-folder') {
    return fail(
      'it lies in the data folder, beside what it seals',
      'Whoever gets hold of the folder or its backup opens secrets and checkpoints of all tenants.',
      'Keep it in a file of its own, 0400, from a secret store: secrets.keyFile (docs/how-to/secrets.md).',
    );
  }
  if (source === 'environment') {
    return warn(
      'it is in the environment',
      'It shows in /proc and in dumps of the process.',
      'Put it into a file: secrets.keyFile or PRESAGE_MASTER_KEY_FILE.',
    );
  }
  if (previous === 0) return ok('from a file of its own');
  return warn(
    `${previous} before it still open what they sealed`,
    'A key that was replaced for a reason is still good.',
    'presage secret rewrap, then take the previous keys out.',
  );
}

function limits({ unlimitedTenants }: Installation): Finding {
  const { ok, warn } = checkNamed('limits', 'Rate limits');
  if (unlimitedTenants.length === 0) return ok('a rate applies to every tenant that has functions');
  return warn(
    `none for ${unlimitedTenants.join(', ')}`,
    'One caller that runs wild takes the places and the money of all.',
    'presage limits set TENANT --rate 1000/1s, or gateway.limits for all that have none.',
  );
}

function openFiles({ openFiles: limit }: Installation): Finding {
  const { ok, warn } = checkNamed('open-files', 'Open files');
  if (limit === null) return ok('the limit of the gateway is not known here');
  if (limit >= OPEN_FILES) return ok(`the gateway may open ${limit}`);
  return warn(
    `the gateway may open ${limit}`,
    `Calls and connections beyond it are refused; ${OPEN_FILES} or more are usual.`,
    `Start it with ulimit -n ${OPEN_FILES}, or LimitNOFILE=${OPEN_FILES} in its unit.`,
  );
}

function metrics({ scrapedAt, at, upForMs }: Installation): Finding {
  const { ok, warn, fail } = checkNamed('metrics', 'Metrics are read');
  const means = 'Nobody is told when starts fail, budgets run out or a node is lost.';
  const mend = 'Let Prometheus read /metrics, with the alerts of deploy/chart/prometheus (docs/observability.md).';
  if (scrapedAt === null) {
    return (upForMs < SCRAPE_MS ? warn : fail)('nobody has read them since this gateway began', means, mend);
  }
  const ago = at.getTime() - scrapedAt.getTime();
  if (ago <= SCRAPE_MS) return ok(`last ${Math.round(ago / 1000)} s ago`);
  return fail(`last ${Math.round(ago / 60_000)} minutes ago`, means, mend);
}
