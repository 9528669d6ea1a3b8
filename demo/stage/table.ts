/** A list as the API server lays it out for kubectl: `meta.k8s.io/v1`, Table. */
export interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority?: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** Between two columns. */
const GAP = '   ';

/** Prints the columns that kubectl prints without `-o wide`: those of priority 0. */
export function formatTable(table: Table): string {
  const columns = table.columnDefinitions.flatMap(({ name, priority = 0 }, i) =>
    priority === 0 ? [[name.toUpperCase(), ...table.rows.map(({ cells }) => String(cells[i] ?? ''))]] : [],
  );
  const widths = columns.map((column) => Math.max(...column.map((cell) => cell.length)));
  return [undefined, ...table.rows]
    .map((_row, line) =>
      columns
        .map((column, i) => (column[line] ?? '').padEnd(widths[i] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}
