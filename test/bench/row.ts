/** What a benchmark reports: one JSON object a line on standard output, which run.mjs gathers into the table. */
export interface Row {
  readonly name: string
  readonly value: string
  /** What issue or design asks for, where it asks. */
  readonly target?: string
  readonly met?: boolean
  readonly note?: string
}

export const report = (row: Row): void => {
  process.stdout.write(JSON.stringify(row) + '\n')
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const quantile = (values: readonly number[], part: number): number => {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}
