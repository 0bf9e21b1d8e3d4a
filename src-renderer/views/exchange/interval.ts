import { formatDuration } from '../../format.ts'

/** A time between two messages: `0.4 ms`, `23 ms`, `1.20 s`, from a minute on as a duration. */
export function formatInterval(ms: number, locale: string): string {
  const rest = Math.max(0, ms)
  if (rest >= 60_000) return formatDuration(rest)
  const isSeconds = rest >= 1000
  const value = isSeconds ? rest / 1000 : rest
  const digits = isSeconds ? 2 : rest < 1 && rest > 0 ? 1 : 0
  const number = new Intl.NumberFormat(locale, {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  })
  return `${number.format(value)}\u00A0${isSeconds ? 's' : 'ms'}`
}
