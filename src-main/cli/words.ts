/** How the terminal says suites, lengths of time and amounts. */
import { groupLabels } from '../../src-shared/algorithm-labels.ts'
import type { EspSuite, IkeSuite, Protection } from '../../src-shared/algorithms.ts'

const withCheck = (family: string, mode: string, bytes: number) => (keyBits: number) =>
  `${family}-${keyBits}-${mode}-${bytes}`
const encryptionWords: Readonly<Record<Protection['encryption'], (keyBits: number) => string>> = {
  'aes-cbc': (keyBits) => `AES-${keyBits}-CBC`,
  'aes-ctr': (keyBits) => `AES-${keyBits}-CTR`,
  'aes-gcm-8': withCheck('AES', 'GCM', 8),
  'aes-gcm-12': withCheck('AES', 'GCM', 12),
  'aes-gcm-16': (keyBits) => `AES-${keyBits}-GCM`,
  'aes-ccm-8': withCheck('AES', 'CCM', 8),
  'aes-ccm-12': withCheck('AES', 'CCM', 12),
  'aes-ccm-16': (keyBits) => `AES-${keyBits}-CCM`,
  'chacha20-poly1305': () => 'ChaCha20-Poly1305',
  'camellia-cbc': (keyBits) => `Camellia-${keyBits}-CBC`,
  'camellia-ctr': (keyBits) => `Camellia-${keyBits}-CTR`,
  'camellia-ccm-8': withCheck('Camellia', 'CCM', 8),
  'camellia-ccm-12': withCheck('Camellia', 'CCM', 12),
  'camellia-ccm-16': (keyBits) => `Camellia-${keyBits}-CCM`,
  '3des-cbc': () => '3DES-CBC',
  'des-cbc': () => 'DES-CBC',
  'blowfish-cbc': (keyBits) => `Blowfish-${keyBits}-CBC`,
  'cast-cbc': () => 'CAST-128-CBC',
  'idea-cbc': () => 'IDEA-CBC',
  'rc5-cbc': () => 'RC5-CBC',
  null: () => 'no encryption',
  'null-aes-gmac': (keyBits) => `AES-${keyBits}-GMAC, no encryption`,
}
const integrityWords = {
  'hmac-md5-96': 'HMAC-MD5',
  'hmac-sha1-96': 'HMAC-SHA-1',
  'hmac-sha256-128': 'HMAC-SHA-256',
  'hmac-sha384-192': 'HMAC-SHA-384',
  'hmac-sha512-256': 'HMAC-SHA-512',
  'aes-xcbc-96': 'AES-XCBC',
  'aes-cmac-96': 'AES-CMAC',
} as const
const prfWords = {
  'hmac-md5': 'PRF MD5',
  'hmac-sha1': 'PRF SHA-1',
  'hmac-sha256': 'PRF SHA-256',
  'hmac-sha384': 'PRF SHA-384',
  'hmac-sha512': 'PRF SHA-512',
  'aes-xcbc-128': 'PRF AES-XCBC',
  'aes-cmac-128': 'PRF AES-CMAC',
} as const

const protectionWords = ({ encryption, keyBits, integrity }: Protection): string[] => [
  encryptionWords[encryption](keyBits),
  ...(integrity === undefined ? [] : [integrityWords[integrity]]),
]

export const ikeSuiteWords = (suite: IkeSuite): string =>
  [...protectionWords(suite), prfWords[suite.prf], groupLabels[suite.group]].join(' · ')

export const espSuiteWords = (suite: EspSuite): string =>
  [
    ...protectionWords(suite),
    ...(suite.group === undefined ? [] : [groupLabels[suite.group]]),
    ...(suite.extendedSequenceNumbers ? ['ESN'] : []),
  ].join(' · ')

/** `AES-256-GCM · Curve25519`: what a person wants to know of an IKE suite. */
export const shortSuiteWords = (suite: IkeSuite): string =>
  [...protectionWords(suite), groupLabels[suite.group]].join(' · ')

/** The two largest units: `2 h 13 min`, `48 s`. Milliseconds in. */
export function durationWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first === -1) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([amount], index) => index === 0 || amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

/** A short time while somebody waits: `12 ms`, `1.4 s`. */
export const waitWords = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`

/** In powers of 1000, as networks count: `3.5 kB`. */
export function byteWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? String(value) : value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? 'bytes'}`
}

export const countWords = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** An ESP SPI as everybody writes it. */
export const spiWords = (spi: number): string => spi.toString(16).padStart(8, '0')

/** An address, with brackets where a port follows an IPv6 one. */
export const endpointWords = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** Lines of a name and a value, the names as wide as the widest; a name of '' continues the one above. */
export function keyValueLines(rows: readonly (readonly [string, string])[], indent = 2): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${' '.repeat(indent)}${name.padEnd(width)}  ${value}`.trimEnd())
}

/** Columns as wide as their widest cell, two spaces apart. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
