import type { Client } from '@temporalio/client';
import type { ListedSchedule, ListedWorkflow, WorkflowFilter } from './api-context';

/** More schedules than the platform ever has. */
const MOST_SCHEDULES = 100;

/** Workflows, the newest first. Values are quoted: what is asked for can ask for nothing else. */
export async function listWorkflows(
  client: Client,
  { limit, running, type, prefix }: WorkflowFilter,
): Promise<ListedWorkflow[]> {
  const conditions = [
    ...(running ? [`ExecutionStatus = 'Running'`] : []),
    ...(type === undefined ? [] : [`WorkflowType = ${quoted(type)}`]),
    ...(prefix === undefined ? [] : [`WorkflowId STARTS_WITH ${quoted(prefix)}`]),
  ];
  const found: ListedWorkflow[] = [];
  for await (const run of client.workflow.list({ query: conditions.join(' AND '), pageSize: limit })) {
    const { workflowId, runId, startTime, closeTime } = run;
    const state = run.status.name === 'RUNNING' ? 'running' : run.status.name === 'COMPLETED' ? 'done' : 'failed';
    found.push({ workflowId, runId, type: run.type, state, startedAt: startTime, endedAt: closeTime ?? null });
    if (found.length >= limit) break;
  }
  return found;
}

/** What starts by itself, by name. */
export async function listSchedules(client: Client): Promise<ListedSchedule[]> {
  const found: ListedSchedule[] = [];
  for await (const { scheduleId, action, state, info } of client.schedule.list({ pageSize: MOST_SCHEDULES })) {
    found.push({
      scheduleId,
      type: action?.workflowType ?? null,
      note: state.note ?? null,
      paused: state.paused,
      lastAt: info.recentActions.at(-1)?.takenAt ?? null,
      nextAt: info.nextActionTimes[0] ?? null,
    });
    if (found.length >= MOST_SCHEDULES) break;
  }
  return found.sort((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
