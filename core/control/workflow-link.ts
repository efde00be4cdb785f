/** Where a workflow is shown, its newest run. @param ui of the namespace in Temporal's UI, without a slash at its end */
export function workflowUrl(ui: string, workflowId: string): string {
  return `${ui}/workflows/${encodeURIComponent(workflowId)}`;
}

/** Where a schedule is shown. */
export function scheduleUrl(ui: string, scheduleId: string): string {
  return `${ui}/schedules/${encodeURIComponent(scheduleId)}`;
}
