import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { RunSpec } from '../../../core/function/run-spec';
import type { SandboxSpec } from '../sandbox';
import { CODE_TOKEN_MS, type CodeTokens } from './code-token';
import type { KnownPod, PodBook } from './pod-book';
import type { FoundWorkload, PodCalls } from './pod-calls';
import { Workload, type WorkloadEvents } from './workload';
import { inPodCode, type PodNode, type WorkloadSpec } from './workload-objects';

export interface PodWorkloadsOptions {
  readonly node: PodNode;
  readonly calls: PodCalls;
  /** Of the namespace, kept up to date. */
  readonly book: PodBook;
  readonly tokens: CodeTokens;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Images that take the place of what the settings name; null: none does. */
export interface OtherImages {
  readonly own: string | null;
  readonly checkpoint: string | null;
}

const NAME_CHARACTERS = 30;

/** The workloads of one node: instances that are alike share one. */
export class PodWorkloads {
  /** By what their pods are made of; what ends leaves its place to another. */
  readonly #current = new Map<string, Workload>();
  /** All that have pods, those that end included, by name. */
  readonly #all = new Map<string, Workload>();
  readonly #tokensAt = new Map<string, number>();

  constructor(
    private readonly options: PodWorkloadsOptions,
    private readonly events: Omit<WorkloadEvents, 'empty'>,
  ) {}

  /** Where instances of this sort live. Its pods may fetch their code from now on. @throws PlatformError unavailable */
  async of(spec: SandboxSpec, images: OtherImages): Promise<Workload> {
    await this.#renewToken(this.#find(spec, images));
    // It may have ended meanwhile.
    return this.#find(spec, images);
  }

  /** Takes over what an earlier process left. @param ids instances by the uid of their pods */
  adopt(found: FoundWorkload & { readonly run: RunSpec }, ids: ReadonlyMap<string, string>): Workload {
    const { name, run, checkpointImage, key, replicas } = found;
    const made = { command: run.command, workingDir: null, ownImage: null };
    const workload = this.#add(key ?? name, this.#specOf({ ...made, name, run, checkpointImage, key }));
    workload.adopt(replicas, ids);
    return workload;
  }

  /** Lets go of them; their pods run on. */
  release(): void {
    for (const workload of this.#all.values()) workload.release();
    this.#all.clear();
    this.#current.clear();
  }

  #find({ run, codeDir, ...spec }: SandboxSpec, { own: ownImage, checkpoint }: OtherImages): Workload {
    const key = this.options.tokens.fingerprint(JSON.stringify([run, checkpoint]));
    const workingDir = spec.workingDir ?? null;
    const known = this.#current.get(key);
    if (known && !known.over) return known;
    const [program, ...args] = run.command ?? [];
    const inCode = ownImage === null && program !== undefined && existsSync(path.join(codeDir, program));
    const command = program === undefined ? null : [inCode ? inPodCode(program) : program, ...args];
    const named = run.function.slice(0, NAME_CHARACTERS).replace(/-+$/, '');
    // The name of a Service begins with a letter.
    const name = `f-${named}-${randomBytes(5).toString('hex')}`;
    return this.#add(key, this.#specOf({ name, run, command, workingDir, ownImage, checkpointImage: checkpoint, key }));
  }

  #specOf(given: Omit<WorkloadSpec, 'node' | 'codeToken'>): WorkloadSpec {
    const { node, tokens } = this.options;
    return { ...given, node, codeToken: tokens.make(given.run.codeDigest, Date.now()) };
  }

  #add(key: string, spec: WorkloadSpec): Workload {
    const { calls, book, log } = this.options;
    const empty = (): void => {
      this.#all.delete(spec.name);
      this.#tokensAt.delete(spec.name);
      if (this.#current.get(key) === workload) this.#current.delete(key);
    };
    const workload = new Workload(spec, calls, book, { ...this.events, empty }, log);
    this.#current.set(key, workload);
    this.#all.set(spec.name, workload);
    return workload;
  }

  /** Pods that are added later fetch their code as well. */
  async #renewToken({ spec, size }: Workload): Promise<void> {
    const now = Date.now();
    const { calls, tokens } = this.options;
    const since = this.#tokensAt.get(spec.name) ?? (size === 0 ? now : 0);
    this.#tokensAt.set(spec.name, now - since < CODE_TOKEN_MS / 2 ? since : now);
    if (now - since < CODE_TOKEN_MS / 2) return;
    await calls.renewToken(spec.name, tokens.make(spec.run.codeDigest, now));
  }
}

/** Pods that serve. */
export function servingPods(pods: readonly KnownPod[]): readonly KnownPod[] {
  return pods.filter(({ readyAt, exit, failure, terminating }) => readyAt && !exit && !failure && !terminating);
}
