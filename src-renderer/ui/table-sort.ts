export interface Column<Row> {
  readonly key: string
  readonly label: string
  /** What stands in the cell, and what it is sorted by unless `sortBy` says otherwise. */
  readonly value: (row: Row) => string | number
  readonly sortBy?: (row: Row) => string | number
  readonly sortable?: boolean
  /** Numbers stand at the end. */
  readonly align?: 'start' | 'end'
  readonly mono?: boolean
  /** Never broken over two lines. */
  readonly tight?: boolean
}

/** A sorted copy; rows that are equal keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: { readonly key: string; readonly descending: boolean } | undefined,
): readonly Row[] {
  const column = columns.find(({ key }) => key === sort?.key)
  if (sort === undefined || column === undefined) return rows
  const by = column.sortBy ?? column.value
  const compare = (a: string | number, b: string | number) =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), undefined, { numeric: true })
  return [...rows].sort((a, b) => (sort.descending ? -1 : 1) * compare(by(a), by(b)))
}
