/** A Markdown table; the first column is text, the others are numbers. */
export function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...lines.map(row)];
}
