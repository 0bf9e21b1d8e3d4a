import type { LogLine } from '../../../src-shared/contract.ts'

/** What is shown: this level and what is worse. */
export type ShownLevel = 'warn' | 'info' | 'debug'

const weight: Readonly<Record<LogLine['level'], number>> = { error: 0, warn: 1, info: 2, debug: 3 }

/** `spi=c0ffee01 packets=3`. */
export const fieldsOf = (line: LogLine): string =>
  Object.entries(line.fields ?? {})
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')

/** The newest 2,000 that fit level and search. */
export function shownLines(lines: readonly LogLine[], level: ShownLevel, typed: string): readonly LogLine[] {
  const wanted = typed.trim().toLowerCase()
  return lines
    .filter(
      (line) =>
        weight[line.level] <= weight[level] &&
        (wanted === '' || `${line.area} ${line.message} ${fieldsOf(line)}`.toLowerCase().includes(wanted)),
    )
    .slice(-2000)
}

/** As text, one line each. */
export const linesOf = (lines: readonly LogLine[]): string =>
  lines
    .map((line) =>
      [new Date(line.at).toISOString(), line.level, line.area, line.message, fieldsOf(line)]
        .filter((part) => part !== '')
        .join(' '),
    )
    .join('\n')
