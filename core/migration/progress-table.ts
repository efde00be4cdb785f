/** A step of a migration as it is shown. */
export interface ShownPhase {
  readonly step: string;
  /** ISO times; `endedAt` null while it is under way. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly note: string | null;
}

/** The steps of a migration as a Markdown table, for the Temporal UI. */
export function progressTable(title: string, phases: readonly ShownPhase[], result: string | null): string {
  const rows = phases.map(({ step, startedAt, endedAt, note }) => {
    const took = endedAt === null ? '…' : seconds(Date.parse(endedAt) - Date.parse(startedAt));
    return `| ${cell(step)} | ${took} | ${cell(note ?? '')} |`;
  });
  const lines = [`### ${title}`, '', '| step | took | |', '|---|---|---|', ...rows];
  if (result !== null) lines.push('', `**${result}**`);
  return lines.join('\n');
}

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}

/** Function names and errors are others' texts: they must not break the table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
