import { randomUUID } from 'node:crypto';
import { deployWorkflowId, type DeployFunctionInput } from '../../core/control/workflow-inputs';
import { isPlatformError, PlatformError, type Problem } from '../../core/error/platform-error';
import { parseCron } from '../../core/function/cron';
import { parseManifest, type Manifest } from '../../core/function/manifest';
import { revisionDigest } from '../../core/function/revision-digest';
import type { RunSpec } from '../../core/function/run-spec';
import type { DeploymentRecord, RevisionRecord } from '../../drivers/store/store';
import type { ApiContext } from './api-context';

const LIVE = 'live';

/** What a deploy works with. */
export type DeployContext = Pick<ApiContext, 'store' | 'images' | 'workflows'>;

export interface DeployRequest {
  readonly tenant: string;
  /** From the path; the manifest must carry the same. */
  readonly name: string;
  readonly manifest: unknown;
  readonly codeDigest: string | undefined;
  readonly codeKind: RunSpec['codeKind'] | undefined;
  readonly alias: string | undefined;
  readonly canary: DeployFunctionInput['canary'];
}

/** A request whose every reference has been looked up. */
export interface CheckedDeploy {
  readonly tenant: string;
  readonly manifest: Manifest;
  readonly code: { readonly digest: string; readonly kind: RunSpec['codeKind'] } | null;
  readonly alias: string;
  readonly canary: DeployFunctionInput['canary'];
}

export interface DeployOutcome {
  readonly revision: RevisionRecord;
  readonly created: boolean;
  /** The deployment that brings, or brought, the revision into service; null when retention has taken it. */
  readonly deployment: DeploymentRecord | null;
  readonly started: boolean;
}

/**
 * Everything that can be known without starting anything, all problems at once.
 * @throws PlatformError invalid_manifest; not_found when only the code is missing; invalid_argument
 */
export async function checkDeploy(context: DeployContext, request: DeployRequest): Promise<CheckedDeploy> {
  const manifest = parseManifest(request.manifest);
  const problems = [...nameProblems(manifest, request.name), ...windowProblems(manifest)];
  problems.push(...(await secretProblems(context, request.tenant, manifest)));
  if (problems.length > 0) {
    const lines = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
    throw new PlatformError('invalid_manifest', `function.yaml has ${problems.length} problem(s): ${lines}`, {
      problems,
    });
  }
  const kind = request.codeKind ?? (manifest.spec.image === undefined ? 'layer' : 'oci');
  if (request.codeDigest !== undefined && !(await isUploaded(context, request.tenant, request.codeDigest))) {
    throw new PlatformError('not_found', `The code ${request.codeDigest} is not in the store.`, {
      problems: [{ path: 'codeDigest', message: 'is not in the store' }],
      hint: 'Upload it first: POST /v1/code answers with its digest.',
    });
  }
  const code = request.codeDigest === undefined ? null : { digest: request.codeDigest, kind };
  return { tenant: request.tenant, manifest, code, alias: request.alias ?? LIVE, canary: request.canary };
}

/** By this very tenant: another's code is as if it were not there. */
async function isUploaded({ store, images }: DeployContext, tenant: string, digest: string): Promise<boolean> {
  return (await store.hasCode(tenant, digest)) && (await images.stat(digest)) !== null;
}

/**
 * Writes the revision and its deployment, then starts the workflow. A revision that is ready and serves the alias already
 * is left alone; one whose deployment runs is joined; any other is deployed again.
 * @param idOf names a new deployment by the revision and the deployment of it before; callers that come to the same name make it once
 * @throws PlatformError unavailable when the workflow could not be started: the deployment is then marked failed
 */
export async function deploy(
  context: DeployContext,
  checked: CheckedDeploy & { code: { digest: string; kind: RunSpec['codeKind'] } },
  idOf: (revision: RevisionRecord, before: DeploymentRecord | null) => string = () => randomUUID(),
): Promise<DeployOutcome> {
  const { store } = context;
  const { tenant, manifest, code } = checked;
  const digest = revisionDigest(manifest.spec, code);
  const made = await store.createRevision({ tenant, manifest, digest, codeDigest: code.digest, codeKind: code.kind });
  const { revision, created } = made;
  const last = await lastDeployment(context, revision);
  if (revision.state === 'ready' && (await serves(context, revision, checked.alias))) {
    return { revision, created, deployment: last, started: false };
  }
  const deployment = last?.state === 'running' ? last : await openDeployment(context, revision, idOf(revision, last));
  await start(context, checked, revision, deployment);
  return { revision, created, deployment, started: true };
}

/** The deployment of that id: made, or found where another caller has just made it. */
async function openDeployment(
  { store }: DeployContext,
  revision: RevisionRecord,
  id: string,
): Promise<DeploymentRecord> {
  const { tenant, function: name, number } = revision;
  const workflowId = deployWorkflowId(tenant, name, number);
  try {
    return await store.createDeployment({ id, tenant, function: name, revision: number, workflowId });
  } catch (error) {
    const made = isPlatformError(error) && error.code === 'conflict' ? await store.findDeployment(tenant, id) : null;
    if (!made) throw error;
    return made;
  }
}

/** A function of the same name that was deleted may have left deployments: only those since the revision was made count. */
async function lastDeployment({ store }: DeployContext, revision: RevisionRecord): Promise<DeploymentRecord | null> {
  const { tenant, function: name, number } = revision;
  const [newest] = (await store.deployments({ tenant, function: name, revision: number, limit: 1 })).items;
  return newest && newest.createdAt >= revision.createdAt ? newest : null;
}

async function start(
  context: DeployContext,
  checked: CheckedDeploy,
  revision: RevisionRecord,
  deployment: DeploymentRecord,
): Promise<void> {
  try {
    await context.workflows.startDeploy({
      tenant: checked.tenant,
      function: revision.function,
      revision: revision.number,
      alias: checked.alias,
      deploymentId: deployment.id,
      ...(checked.canary === undefined ? {} : { canary: checked.canary }),
    });
  } catch (error) {
    const reason = isPlatformError(error) ? error.message : 'the workflow could not be started';
    await context.store.updateDeployment(deployment.id, { state: 'failed', error: reason });
    if (revision.state === 'pending') await context.store.setRevisionState(revision.id, 'failed', reason);
    throw new PlatformError(
      'unavailable',
      `Revision ${revision.number} is stored, but its deployment could not be started: ${reason}`,
      {
        cause: error,
        hint: 'Send the same request again: nothing has to be uploaded anew.',
        retryAfterSeconds: 5,
      },
    );
  }
}

async function serves(context: DeployContext, revision: RevisionRecord, alias: string): Promise<boolean> {
  const found = (await context.store.aliases(revision.functionId)).find((candidate) => candidate.name === alias);
  return found?.weights.some((share) => share.revision === revision.number) ?? false;
}

function nameProblems(manifest: Manifest, name: string): Problem[] {
  if (manifest.metadata.name === name) return [];
  return [
    {
      path: 'metadata.name',
      message: `is ${manifest.metadata.name}, but the path says ${name}`,
      hint: 'make them the same',
    },
  ];
}

function windowProblems(manifest: Manifest): Problem[] {
  return manifest.spec.warmWindows.flatMap((window, index) => {
    const problems: Problem[] = [];
    try {
      parseCron(window.cron);
    } catch (error) {
      problems.push({
        path: `spec.warmWindows.${index}.cron`,
        message: isPlatformError(error) ? error.message : String(error),
      });
    }
    try {
      new Intl.DateTimeFormat('en', { timeZone: window.timeZone });
    } catch {
      const path = `spec.warmWindows.${index}.timeZone`;
      problems.push({
        path,
        message: `"${window.timeZone}" is not a time zone`,
        hint: 'write e.g. Europe/Berlin or UTC',
      });
    }
    return problems;
  });
}

async function secretProblems(context: DeployContext, tenant: string, manifest: Manifest): Promise<Problem[]> {
  const { secrets, triggers } = manifest.spec;
  const wanted = [
    ...secrets.map(({ name }, index) => ({ name, path: `spec.secrets.${index}.name` })),
    ...triggers.flatMap(({ webhook }, index) =>
      webhook?.secret === undefined ? [] : [{ name: webhook.secret, path: `spec.triggers.${index}.webhook.secret` }],
    ),
  ];
  if (wanted.length === 0) return [];
  const known = new Set((await context.store.secrets(tenant)).map((secret) => secret.name));
  return wanted.flatMap(({ name, path }) =>
    known.has(name)
      ? []
      : [
          {
            path,
            message: `there is no secret ${name} in the tenant ${tenant}`,
            hint: `make it: PUT /v1/secrets/${name} {"value": "…"}`,
          },
        ],
  );
}
