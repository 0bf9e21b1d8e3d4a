/** Numbers as people read them: pure, in the person's language. */

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** An ESP SPI as RFCs and tools print it: eight hexadecimal digits. */
export const formatSpi = (spi: number): string => (spi >>> 0).toString(16).padStart(8, '0')

/** `1,234,567`, with the language's own separators. */
export const formatCount = (count: number, locale: string): string =>
  new Intl.NumberFormat(locale).format(count)

/** `812 B`, `1.24 MB`: three significant digits, units of 1000. */
export function formatBytes(bytes: number, locale: string): string {
  let value = Math.max(0, bytes)
  let unit = 0
  // 999.5 would be shown as 1000 of its unit.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  const number = new Intl.NumberFormat(locale, {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  })
  return `${number.format(value)} ${byteUnits[unit] ?? ''}`
}

/** `1.24 MB/s`. */
export const formatRate = (bytesPerSecond: number, locale: string): string =>
  `${formatBytes(bytesPerSecond, locale)}/s`

const steps = [
  { symbol: 'd', ms: 86_400_000 },
  { symbol: 'h', ms: 3_600_000 },
  { symbol: 'min', ms: 60_000 },
  { symbol: 's', ms: 1000 },
] as const

/** The two largest units that say something: `2 h 13 min`, `59 s`, `1 d`. Never negative. */
export function formatDuration(ms: number): string {
  const rest = Math.max(0, ms)
  const index = steps.findIndex((step) => rest >= step.ms)
  const first = steps[index]
  if (first === undefined) return '0 s'
  const whole = Math.floor(rest / first.ms)
  const next = steps[index + 1]
  const more = next === undefined ? 0 : Math.floor((rest - whole * first.ms) / next.ms)
  return next === undefined || more === 0
    ? `${whole} ${first.symbol}`
    : `${whole} ${first.symbol} ${more} ${next.symbol}`
}

/** A time between messages: `0.4 ms`, `23 ms`, `1.20 s`, from a minute on as a duration. */
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
  return `${number.format(value)} ${isSeconds ? 's' : 'ms'}`
}

/** The time of day to the second: `09:41:07`. */
export const formatTime = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(at)

/** The time of day to the millisecond, as packet tools show it. */
export const formatExactTime = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }).format(at)

/** A day and a time of day, short. */
export const formatDate = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at)
