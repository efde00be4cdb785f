/** What the command on workflows reads of the API's answer; times are RFC 3339 text. */
export interface WorkflowsResource {
  readonly items: readonly {
    readonly workflowId: string;
    readonly runId: string;
    readonly type: string;
    readonly state: 'running' | 'done' | 'failed';
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly url: string | null;
  }[];
  readonly schedules: readonly {
    readonly scheduleId: string;
    readonly type: string | null;
    readonly note: string | null;
    readonly paused: boolean;
    readonly lastAt: string | null;
    readonly nextAt: string | null;
    readonly url: string | null;
  }[];
}
