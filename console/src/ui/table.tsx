import type { ComponentChildren } from 'preact';

export interface Column<R> {
  readonly label: string;
  readonly value: (row: R) => ComponentChildren;
  /** Right-aligned, with digits under each other. */
  readonly numeric?: boolean;
}

/** Rows under headings; on a phone each row becomes a block with its headings beside the values. */
export function Table<R>(props: {
  /** What it is of, for screen readers. */
  caption: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  keyOf: (row: R) => string;
  /** Shown where there is no row: says what would fill it. */
  empty: ComponentChildren;
}) {
  if (props.rows.length === 0) return <div class="empty">{props.empty}</div>;
  return (
    <div class="table" role="region" aria-label={props.caption} tabIndex={0}>
      <table>
        <caption class="unseen">{props.caption}</caption>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th scope="col" class={column.numeric ? 'numeric' : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.keyOf(row)}>
              {props.columns.map((column) => (
                <td data-label={column.label} class={column.numeric ? 'numeric' : undefined}>
                  {column.value(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
