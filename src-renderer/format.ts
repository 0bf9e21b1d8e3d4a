/** Numbers and times as people read them, in their language. */
import { i18n, language } from './i18n.ts'

const numbers = new Map<string, Intl.NumberFormat>()
const number = (digits: number): Intl.NumberFormat => {
  const key = `${language()}${digits}`
  const known = numbers.get(key)
  if (known !== undefined) return known
  const made = new Intl.NumberFormat(language(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  numbers.set(key, made)
  return made
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `812 B`, `3.2 MB`: decimal units, at most one digit behind the point. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${number(unit === 0 || value >= 99.95 ? 0 : 1).format(value)}\u00A0${units[unit] ?? 'B'}`
}

/** `1.2 MB/s`. */
export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`

export const formatCount = (count: number): string => number(0).format(count)

/** `8 s`, `3 min 20 s`, `2 h 13 min`, `4 d 2 h`: the two largest units. */
export function formatDuration(milliseconds: number): string {
  const { t } = i18n.global
  const all = Math.max(0, Math.floor(milliseconds / 1000))
  const parts = [
    { count: Math.floor(all / 86_400), unit: t('units.day') },
    { count: Math.floor(all / 3600) % 24, unit: t('units.hour') },
    { count: Math.floor(all / 60) % 60, unit: t('units.minute') },
    { count: all % 60, unit: t('units.second') },
  ]
  const first = parts.findIndex(({ count }) => count > 0)
  const shown = first === -1 ? parts.slice(-1) : parts.slice(first, first + 2)
  return shown
    .filter(({ count }, index) => index === 0 || count > 0)
    .map(({ count, unit }) => `${count}\u00A0${unit}`)
    .join(' ')
}

const clocks = new Map<string, Intl.DateTimeFormat>()
function clock(kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language()}${kind}`
  const known = clocks.get(key)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat(language() === 'de' ? 'de-DE' : 'en-GB', options)
  clocks.set(key, made)
  return made
}

/** `09:41`. */
export const formatClock = (at: number): string =>
  clock('short', { hour: '2-digit', minute: '2-digit' }).format(at)

/** `09:41:07.123`. */
export const formatTime = (at: number): string =>
  clock('long', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  }).format(at)

/** `23 Nov 2026`. */
export const formatDay = (at: number): string =>
  clock('day', { day: 'numeric', month: 'short', year: 'numeric' }).format(at)

/** `23 Nov 2026, 09:41`. */
export const formatDateTime = (at: number): string =>
  clock('date', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)

/** Eight hexadecimal digits, as in every other tool. */
export const formatSpi = (spi: number): string => spi.toString(16).padStart(8, '0')
