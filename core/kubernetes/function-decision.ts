import type { AliasWeight } from '../function/alias-weights';
import type { Problem } from '../error/platform-error';
import type { Statement } from './condition';

/** What the platform has of a function that an object asks for. */
export interface ObservedFunction {
  /** Labels of the function; null: there is none of that name. */
  readonly labels: Readonly<Record<string, string>> | null;
  /** The revision that has the code and the configuration of the object; null: there is none. */
  readonly revision: { readonly number: number; readonly state: 'pending' | 'ready' | 'failed' | 'retired' } | null;
  /** Where `live` points; empty: nowhere. */
  readonly live: readonly AliasWeight[];
  /** Of that revision, newest first; only those of the last times count. */
  readonly deployments: readonly ObservedDeployment[];
}

export interface ObservedDeployment {
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly step: string;
  readonly error: string | null;
  /** Unix milliseconds; null while it runs. */
  readonly endedAt: number | null;
}

export interface FunctionWish {
  readonly labels: Readonly<Record<string, string>>;
  readonly paused: boolean;
  /** The object has said of this very generation that it is deployed: what differs now was changed by somebody else. */
  readonly wasDeployed: boolean;
}

export interface FunctionDecision {
  /** Deploy the revision: make it where it is missing, and point `live` at it. */
  readonly deploy: boolean;
  /** It was as the object says, and somebody has changed it. */
  readonly drifted: boolean;
  readonly statements: readonly Statement[];
  /** What serves most of `live`; null: nothing does. */
  readonly serves: number | null;
  /** After how many milliseconds to look again, where nobody will tell of a change. */
  readonly lookAgainMs: number | null;
}

/** While a deployment runs, its end is told of by the store; this is for the case that the word of it is lost. */
const RUNNING_LOOK_MS = 2_000;
/** A deployment that failed is tried again after this, doubled for each that failed before it. */
const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [10_000, 600_000];

/**
 * What is to be done for a Function object, and what is to be said of it. What is said depends on the state of things alone, not on
 * how often it was looked at: a retry under way says what its predecessor failed of, so that a status does not go to and fro.
 * @param now Unix milliseconds
 */
export function decideFunction(wish: FunctionWish, observed: ObservedFunction, now: number): FunctionDecision {
  const { revision, live, deployments } = observed;
  const serves = servingRevision(live);
  const result = { deploy: false, drifted: false, serves, lookAgainMs: null };
  if (revision && revision.state === 'ready' && isWhole(live, revision.number)) {
    const text = `revision ${revision.number} serves live`;
    return {
      ...result,
      deploy: !wish.paused && !equalLabels(wish.labels, observed.labels),
      statements: all('Deployed', text),
    };
  }
  const [newest] = deployments;
  const failure = deployments.find(({ state }) => state !== 'running');
  const running = newest?.state === 'running';
  // Where it was deployed already, the deployment is only tidying up, and what differs is not its doing.
  if (running && !wish.wasDeployed) {
    const statements =
      failure?.state === 'failed'
        ? failed(revision?.number, failure)
        : missing('Deploying', `revision ${revision?.number ?? 'new'} is being deployed`);
    return { ...result, statements, lookAgainMs: RUNNING_LOOK_MS };
  }
  if (!running && failure?.state === 'failed') {
    const statements = failed(revision?.number, failure);
    if (wish.paused) return { ...result, statements };
    const waits = (failure.endedAt ?? now) + retryMs(deployments) - now;
    return waits <= 0 ? { ...result, deploy: true, statements } : { ...result, statements, lookAgainMs: waits };
  }
  const drifted = wish.wasDeployed;
  if (wish.paused) {
    const text = drifted ? difference(revision?.number, observed) : 'what the object says is not deployed';
    const hint = 'nothing is done about it while the object is paused';
    return { ...result, drifted, statements: missing(drifted ? 'Drifted' : 'Paused', `${text}; ${hint}`) };
  }
  return {
    ...result,
    deploy: !running,
    drifted,
    lookAgainMs: running ? RUNNING_LOOK_MS : null,
    statements: drifted
      ? missing('Drifted', `${difference(revision?.number, observed)}; it is put back`)
      : missing('Deploying', 'a deployment begins'),
  };
}

/** What is said of an object that cannot be deployed as it is: what was deployed before stays. */
export function refusedStatements(reason: string, problems: readonly Problem[]): readonly Statement[] {
  const lines = problems.map(({ path, message, hint }) => `${path}: ${message}${hint ? ` (${hint})` : ''}`);
  const message = `${problems.length} problem(s): ${lines.join('; ')}`;
  const kept = 'what was deployed before stays as it is';
  return [
    { type: 'Accepted', status: 'False', reason, message },
    { type: 'Deployed', status: 'False', reason: 'NotAccepted', message: kept },
    { type: 'Ready', status: 'False', reason, message: `${message}; ${kept}` },
  ];
}

/** The revision that most of `live` goes to. */
export function servingRevision(live: readonly AliasWeight[]): number | null {
  return (
    live.reduce<AliasWeight | null>((most, share) => (most && most.weight >= share.weight ? most : share), null)
      ?.revision ?? null
  );
}

function isWhole(live: readonly AliasWeight[], revision: number): boolean {
  return live.length > 0 && live.every((share) => share.revision === revision || share.weight === 0);
}

function retryMs(deployments: readonly ObservedDeployment[]): number {
  const succeeded = deployments.findIndex(({ state }) => state === 'succeeded');
  const failures = succeeded < 0 ? deployments.length : succeeded;
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
}

function difference(wanted: number | undefined, { labels, live }: ObservedFunction): string {
  if (labels === null) return 'somebody has deleted the function';
  if (live.length === 0) return 'somebody has taken live away';
  const shares = live.map(({ revision, weight }) => `revision ${revision} (${weight} %)`).join(' and ');
  return `somebody has pointed live at ${shares}, not at ${wanted === undefined ? 'what the object says' : `revision ${wanted}`}`;
}

const ACCEPTED: Statement = {
  type: 'Accepted',
  status: 'True',
  reason: 'Valid',
  message: 'the object can be deployed',
};

function all(reason: string, message: string): readonly Statement[] {
  return [
    ACCEPTED,
    { type: 'Deployed', status: 'True', reason, message },
    { type: 'Ready', status: 'True', reason, message },
  ];
}

function missing(reason: string, message: string): readonly Statement[] {
  return [
    ACCEPTED,
    { type: 'Deployed', status: 'False', reason, message },
    { type: 'Ready', status: 'False', reason, message },
  ];
}

function failed(revision: number | undefined, { step, error }: ObservedDeployment): readonly Statement[] {
  const what = `revision ${revision ?? '?'} failed${step === 'failed' ? '' : ` at "${step}"`}: ${error ?? 'no reason given'}`;
  return missing('DeployFailed', `${what}; it is tried again`);
}

function equalLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>> | null): boolean {
  if (b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
