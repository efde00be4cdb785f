/** One process that the supervisor keeps running. */
export interface Service {
  /** Of its log file, its record and what the terminal says, e.g. `agent-local`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The unprivileged user it runs as, where the supervisor is root and the service must not be. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** A word that its command line holds, to tell it from a stranger. */
  readonly commandWord: string;
  /** What asks it to end, and how long it may take before it is killed. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  /** How long the first start may take until `probe` is true. */
  readonly readyTimeoutMs: number;
  /** How long early deaths are forgiven at a start, beyond the first few; 0 when left out. */
  readonly patienceMs?: number;
  /** True when it can be used; asked again every few milliseconds until then. Must not throw. */
  probe(pid: number): Promise<boolean>;
}
