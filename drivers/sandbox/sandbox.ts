import type { RunSpec } from '../../core/function/run-spec';
import type { BlankKind, BlankSandbox } from './blank';

/** Where an instance answers HTTP. */
export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      /** Only who is on the same machine reaches it, as with a Unix socket. Left out: whoever reaches the agent does. */
      readonly hereOnly?: true;
    };

/** What a driver can do on this machine; a `false` comes with the sentence that says why in `reasons`. */
export interface SandboxCapabilities {
  readonly pause: boolean;
  readonly checkpoint: boolean;
  readonly restore: boolean;
  /** Namespaces, cgroups, seccomp: false means functions share the host's view. */
  readonly isolation: boolean;
  readonly network: boolean;
  /** Runtimes can be booted ahead, without code. */
  readonly blanks: boolean;
  readonly reasons: readonly string[];
}

export interface SandboxSpec {
  /** Instance id: 1-32 of a-z0-9, unique on the node for ever. */
  readonly id: string;
  readonly run: RunSpec;
  /** Unpacked code, read-only; for `codeKind: 'oci'` the merged root file system. */
  readonly codeDir: string;
  /** Absolute path inside, where an OCI image names one; default: the code folder. */
  readonly workingDir?: string;
}

/** A sandbox that runs. Its endpoints may not listen yet: whoever started it probes them. */
export interface RunningSandbox {
  readonly id: string;
  /** Process id of its first process, as the host sees it; 0 where it is on another machine. */
  readonly pid: number;
  /** In order of preference; the first that accepts a connection is used from then on. */
  readonly endpoints: readonly Endpoint[];
  /** Somebody whom the driver trusts has seen it serve already: it need not be probed. */
  readonly ready?: boolean;
}

export interface SandboxStats {
  /** CPU time used since the sandbox was made, in microseconds. */
  readonly cpuMicros: number;
  readonly memoryBytes: number;
  /** The most that it ever held, page cache included; left out where nobody says. */
  readonly peakBytes?: number;
  readonly pids: number;
}

/** One line that a function wrote. `invocationId` is null for lines outside a request or from runtime `http`. */
export interface SandboxLogLine {
  readonly instanceId: string;
  readonly invocationId: string | null;
  readonly stream: 'stdout' | 'stderr';
  /** Unix milliseconds at which the agent read it. */
  readonly at: number;
  readonly text: string;
}

export interface CheckpointResult {
  /** How long the instance stood still, in milliseconds. */
  readonly pauseMs: number;
  /** Size of the raw image. */
  readonly bytes: number;
}

/** What a driver found on the machine from before (a killed agent's sandboxes). */
export interface FoundSandbox extends RunningSandbox {
  readonly frozen: boolean;
  readonly run: RunSpec;
}

export interface SandboxListener {
  /** The first process has ended, whoever ended it. `signal` null and `code` null when it cannot be known. */
  exited(id: string, how: { code: number | null; signal: string | null; outOfMemory: boolean }): void;
  logged(line: SandboxLogLine): void;
}

/**
 * Runs sandboxes on this machine. All methods are idempotent where a repeat makes sense; every failure is a
 * PlatformError (`start_failed`, `restore_failed`, `checkpoint_failed`, `unsupported`, `storage_full`).
 * A driver keeps no policy: which instance to start, freeze or end is decided above it.
 */
export interface SandboxDriver {
  readonly name: 'runc' | 'process' | 'kubernetes' | 'simulated';
  /** Self-test, done once; never throws. */
  capabilities(): Promise<SandboxCapabilities>;
  /** Prepares what can be prepared ahead (cgroup slots, veth pool, base images). */
  open(listener: SandboxListener): Promise<void>;
  /** Folders, cgroup, namespaces: all but the program. */
  create(spec: SandboxSpec): Promise<void>;
  start(id: string): Promise<RunningSandbox>;
  /**
   * Boots a runtime without code: shut in like any function from its first moment, within `BLANK_LIMITS`, and told to
   * nobody. `destroy` and `stats` take its id; `recover` ends those of an earlier agent. @throws PlatformError start_failed, unsupported
   */
  startBlank(id: string, kind: BlankKind): Promise<BlankSandbox>;
  /**
   * Makes a blank the instance `spec.id` for good: code, environment, limits, log. `spec` fits (`fitsBlank`) and is of its kind. On failure
   * nothing is left of either. @throws PlatformError start_failed, not_found (no such blank), unsupported
   */
  specialise(blankId: string, spec: SandboxSpec): Promise<RunningSandbox>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Writes a raw image to `imageDir` (made if missing), whose name is that of the checkpoint; the sandbox runs on afterwards. */
  checkpoint(id: string, imageDir: string): Promise<CheckpointResult>;
  /**
   * Removes what a checkpoint has left elsewhere than in `imageDir`, which need not be there any more: it is not restored any more.
   * @returns what could not be removed and why, for people; null: nothing is left
   * @throws PlatformError unavailable (whoever keeps it)
   */
  discard?(imageDir: string): Promise<string | null>;
  /** A new sandbox from a raw image; `spec.id` is new. The image must stay unmodified while clones live. */
  restore(spec: SandboxSpec, imageDir: string): Promise<RunningSandbox>;
  /** Kills and removes all that belongs to it. No error when it is not there. */
  destroy(id: string): Promise<void>;
  stats(id: string): Promise<SandboxStats>;
  /** Live sandboxes left by an agent that died, taken over by this driver; what cannot be taken over is removed. */
  recover(): Promise<FoundSandbox[]>;
  /**
   * Words that must be equal for an image to be restorable here: kernel, CPU features, runtime and CRIU versions,
   * base image. Part of a checkpoint's identity.
   */
  hostKey(runtime: RunSpec['runtime']): Promise<string>;
  /** Lets go of everything; sandboxes that run go on running unless `destroyAll`. */
  close(options: { destroyAll: boolean }): Promise<void>;
}
