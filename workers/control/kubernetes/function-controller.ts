import { isPlatformError, type PlatformError } from '../../../core/error/platform-error';
import type { Statement } from '../../../core/kubernetes/condition';
import { FUNCTIONS } from '../../../core/kubernetes/custom-resources';
import { hasFinalizer, isPaused } from '../../../core/kubernetes/declared-object';
import { decideFunction, refusedStatements, servingRevision } from '../../../core/kubernetes/function-decision';
import { wantedFunction } from '../../../core/kubernetes/function-object';
import { takeInFunctionCode, type CodeIntakeOptions } from './function-code-intake';
import type { FunctionPlatform, ReadyDeploy } from './function-platform';
import type { ObjectWriter, ServedObject } from './object-writer';

export interface FunctionControllerOptions {
  readonly code: CodeIntakeOptions;
  readonly platform: FunctionPlatform;
  readonly writer: ObjectWriter;
  /** Where functions are called, without a slash at the end; empty: only the path is told. */
  readonly publicUrl: string;
  readonly now: () => number;
}

/** What an object refers to may come: a secret, code, a ConfigMap. */
const REFERENCE_LOOK_MS = 30_000;
/** What is left of a deleted function is looked at so often. */
const REMOVAL_LOOK_MS = 1_000;
/** Faults of the object, and not of the platform. */
const REFUSALS = new Set(['invalid_manifest', 'invalid_argument', 'not_found', 'payload_too_large', 'invalid_archive']);

/** Makes the platform what a Function object says, and says how it stands. */
export class FunctionController {
  /** By uid of the object, the deployment that is known to have its workflow. */
  readonly #started = new Map<string, string>();

  constructor(private readonly options: FunctionControllerOptions) {}

  /**
   * One look at an object; it may be repeated at any time and by several at once.
   * @returns milliseconds after which to look again; null: when something has changed
   * @throws PlatformError conflict for an object that has changed meanwhile; unavailable
   */
  async reconcile(object: ServedObject): Promise<number | null> {
    const { namespace: tenant, name } = object.metadata;
    if (object.metadata.deletionTimestamp !== undefined) return this.#remove(object);
    const read = wantedFunction(object);
    if ('problems' in read) {
      await this.#say(object, refusedStatements('Invalid', read.problems), await this.#serving(tenant, name));
      return null;
    }
    const { manifest, code } = read.wanted;
    await this.options.platform.ensureTenant(tenant);
    let checked: ReadyDeploy;
    try {
      checked = await this.options.platform.check(
        tenant,
        manifest,
        await takeInFunctionCode(this.options.code, tenant, code),
      );
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const problems = error.problems.length > 0 ? error.problems : [{ path: 'spec', message: error.message }];
      await this.#say(object, refusedStatements('Refused', problems), await this.#serving(tenant, name));
      return REFERENCE_LOOK_MS;
    }
    // Before anything is made: what is made is then ended with the object, whatever happens in between.
    const kept = isPaused(object) ? object : await this.options.writer.keep(FUNCTIONS, object);
    return this.#deploy(kept, checked);
  }

  async #deploy(object: ServedObject, checked: ReadyDeploy): Promise<number | null> {
    const { platform, now } = this.options;
    const wish = {
      labels: checked.manifest.metadata.labels,
      paused: isPaused(object),
      wasDeployed: wasDeployed(object) && object.status?.['codeDigest'] === checked.code.digest,
    };
    const { uid } = object.metadata;
    const observed = await platform.observe(checked);
    // Whoever opened it may have died before its workflow was started: joining one that runs changes nothing.
    if (observed.running !== null && this.#started.get(uid) !== observed.running) {
      await platform.deploy(checked);
      this.#started.set(uid, observed.running);
    }
    let decision = decideFunction(wish, observed, now());
    const news = decision.drifted && !isTold(object) ? decision.statements : null;
    if (decision.deploy) {
      await platform.deploy(checked);
      const then = await platform.observe(checked);
      if (then.running !== null) this.#started.set(uid, then.running);
      decision = decideFunction({ ...wish, wasDeployed: false }, then, now());
    }
    const said = await this.#say(object, decision.statements, decision.serves, checked.code.digest);
    // By whoever was the first to say it: all control workers see the same.
    if (news && said) await this.#tellDrift(object, news);
    return decision.lookAgainMs;
  }

  async #remove(object: ServedObject): Promise<number | null> {
    this.#started.delete(object.metadata.uid);
    if (!hasFinalizer(object)) return null;
    if (!(await this.options.platform.remove(object.metadata.namespace, object.metadata.name))) return REMOVAL_LOOK_MS;
    await this.options.writer.release(FUNCTIONS, object);
    return null;
  }

  async #tellDrift({ metadata }: ServedObject, statements: readonly Statement[]): Promise<void> {
    const message = statements.find(({ type }) => type === 'Deployed')?.message ?? '';
    await this.options.platform.tellDrift(metadata.namespace, metadata.name, message);
  }

  async #serving(tenant: string, name: string): Promise<number | null> {
    return servingRevision(await this.options.platform.live(tenant, name));
  }

  async #say(
    object: ServedObject,
    statements: readonly Statement[],
    serves: number | null,
    codeDigest?: string,
  ): Promise<boolean> {
    const { namespace, name } = object.metadata;
    return this.options.writer.status(FUNCTIONS, object, statements, {
      ...(serves === null ? {} : { revision: serves, url: `${this.options.publicUrl}/fn/${namespace}/${name}/` }),
      ...(codeDigest === undefined ? {} : { codeDigest }),
    });
  }
}

/** The object says of its present generation that it is deployed, or was until somebody changed it. */
function wasDeployed({ metadata, status }: ServedObject): boolean {
  const deployed = status?.conditions?.find(({ type }) => type === 'Deployed');
  if (deployed?.observedGeneration !== metadata.generation) return false;
  return deployed.status === 'True' || deployed.reason === 'Drifted';
}

function isTold({ status }: ServedObject): boolean {
  return status?.conditions?.find(({ type }) => type === 'Deployed')?.reason === 'Drifted';
}

function isRefusal(error: unknown): error is PlatformError {
  return isPlatformError(error) && REFUSALS.has(error.code);
}
