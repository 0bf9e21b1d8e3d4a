/** Times and sizes as people type them. What cannot be read gives NaN; what is empty gives undefined. */

const secondsOf: Readonly<Record<string, number>> = {
  '': 1,
  s: 1,
  sec: 1,
  sek: 1,
  m: 60,
  min: 60,
  h: 3600,
  std: 3600,
  d: 86_400,
  t: 86_400,
}

const bytesOf: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** `4 h`, `1 h 30 min`, `90m`, `3600` → seconds. */
export const readDuration = (text: string): number | undefined => readSum(text, secondsOf)

/** `10 GB`, `512 MiB`, `1000000` → bytes. */
export const readSize = (text: string): number | undefined => readSum(text, bytesOf)

/** A whole number, separators for reading allowed. */
export function readCount(text: string): number | undefined {
  const plain = text.trim()
  if (plain === '') return undefined
  return /^\d[\d\s_]*$/.test(plain) ? Number(plain.replace(/[\s_]/g, '')) : Number.NaN
}

function readSum(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const plain = text.trim().toLowerCase()
  if (plain === '') return undefined
  if (!/^(?:\d+(?:[.,]\d+)?\s*[a-z]*\.?\s*)+$/.test(plain)) return Number.NaN
  let sum = 0
  for (const [, number = '', unit = ''] of plain.matchAll(/(\d+(?:[.,]\d+)?)\s*([a-z]*)/g)) {
    const factor = units[unit]
    if (factor === undefined) return Number.NaN
    sum += Number(number.replace(',', '.')) * factor
  }
  return Math.round(sum)
}

/** Seconds as they are typed: `4 h`, `1 h 30 min`, `90 s`; nothing is rounded away. */
export function writeDuration(seconds: number | undefined): string {
  if (seconds === undefined) return ''
  const parts: string[] = []
  let rest = seconds
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const) {
    const whole = Math.floor(rest / size)
    if (whole > 0) parts.push(`${whole} ${unit}`)
    rest -= whole * size
  }
  if (rest > 0 || parts.length === 0) parts.push(`${rest} s`)
  return parts.join(' ')
}

/** Bytes as they are typed, in the largest unit that divides them. */
export function writeSize(bytes: number | undefined): string {
  if (bytes === undefined) return ''
  for (const [unit, size] of [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const) {
    if (bytes > 0 && bytes % size === 0) return `${bytes / size} ${unit}`
  }
  return `${bytes} B`
}

/** One entry a line; commas and spaces part them as well. */
export const readList = (text: string): readonly string[] =>
  text.split(/[\s,;]+/).filter((part) => part !== '')
export const writeList = (entries: readonly string[]): string => entries.join('\n')
