/** Algorithms and keys in a line of `ip xfrm state`. Nothing that is said here repeats a word that could be a key. */
import { Secret } from '../../../src-shared/secret.ts'
import { kernelAliases, kernelCiphers, kernelMacs } from './kernel-algorithms.ts'
import type { ManualEncryption, ManualIntegrity } from './manual-sa.ts'
import { LineError } from './text-problem.ts'
import type { Word, WordCursor } from './word-reader.ts'
import { wholeNumber } from './word-reader.ts'

/** Whether the cipher authenticates by itself. */
export const isCombined = ({ name }: ManualEncryption): boolean =>
  kernelCiphers.some(({ ours, icvBits }) => ours === name && icvBits !== undefined)

/** What stands behind `enc`: a name and a key. */
export function cipherIn(option: Word, cursor: WordCursor): ManualEncryption {
  const [kernel, key] = [nameIn(option, cursor), keyIn(option, cursor)]
  const found = kernelCiphers.find((cipher) => cipher.kernel === kernel && cipher.icvBits === undefined)
  if (found === undefined) throw unknown(option, kernel, 'encryption')
  return withKey(option, found, key)
}

/** What stands behind `aead`: a name, a key with its salt, and the length of the check value in bits. */
export function aeadIn(option: Word, cursor: WordCursor): ManualEncryption {
  const [kernel, key, bits] = [nameIn(option, cursor), keyIn(option, cursor), bitsIn(option, cursor)]
  const named = kernelCiphers.filter((cipher) => cipher.kernel === kernel && cipher.icvBits !== undefined)
  if (named.length === 0) throw unknown(option, kernel, 'combined-mode encryption')
  const found = named.find(({ icvBits }) => icvBits === bits)
  if (found === undefined) {
    const known = named.map(({ icvBits }) => icvBits ?? 0).join(' or ')
    throw new LineError(`${kernel} has a check value of ${known} bits here`, option)
  }
  return withKey(option, found, key)
}

/** What stands behind `auth` and `auth-trunc`: a name, a key and, of the latter, the length of the check value in bits. */
export function macIn(option: Word, cursor: WordCursor, truncated: boolean): ManualIntegrity {
  const [kernel, key] = [nameIn(option, cursor), keyIn(option, cursor)]
  const found = kernelMacs.find((mac) => mac.kernel === kernel)
  const bits = truncated ? bitsIn(option, cursor) : found?.defaultBits
  if (found === undefined) throw unknown(option, kernel, 'authentication')
  if (bits !== found.icvBits) {
    const how = truncated ? '' : `; write auth-trunc '${kernel}' KEY ${found.icvBits}`
    throw new LineError(
      `${kernel} cut to ${bits ?? 0} bits is not supported: RFC 4868 has ${found.icvBits}${how}`.replace(
        'RFC 4868 has',
        kernel === 'hmac(sha256)' ? 'RFC 4868 has' : 'it has',
      ),
      option,
    )
  }
  checkLength(option, kernel, key, found.keys, 0)
  return { name: found.ours, key }
}

function nameIn(option: Word, cursor: WordCursor): string {
  const { text } = cursor.value(option)
  return kernelAliases.get(text) ?? text
}

function bitsIn(option: Word, cursor: WordCursor): number {
  const bits = wholeNumber(cursor.value(option).text, 512, 1)
  if (bits === undefined)
    throw new LineError('The length of the check value, in bits, must follow the key', option)
  return bits
}

const hexadecimal = /^0x(?:[0-9a-f]{2})*$/i

/** `0x…`, or the characters themselves, as iproute2 takes them. */
function keyIn(option: Word, cursor: WordCursor): Secret {
  const { text } = cursor.value(option)
  if (!text.startsWith('0x')) {
    if (!/^[\x20-\x7e]*$/.test(text))
      throw new LineError('A key is 0x and hexadecimal digits, or plain ASCII', option)
    return new Secret(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  }
  if (!hexadecimal.test(text))
    throw new LineError('Behind 0x a key has an even number of hexadecimal digits', option)
  const bytes = new Uint8Array(text.length / 2 - 1)
  for (let at = 0; at < bytes.length; at += 1)
    bytes[at] = Number.parseInt(text.slice(at * 2 + 2, at * 2 + 4), 16)
  return new Secret(bytes)
}

function withKey(
  option: Word,
  { kernel, ours, keys, salt }: (typeof kernelCiphers)[number],
  key: Secret,
): ManualEncryption {
  checkLength(option, kernel, key, keys, salt)
  return { name: ours, keyBits: (key.length - salt) * 8, key }
}

function checkLength(option: Word, kernel: string, key: Secret, keys: readonly number[], salt: number): void {
  if (keys.some((length) => length + salt === key.length)) return
  const lengths = keys.map((length) => length + salt)
  const known = lengths.length > 4 ? `${lengths[0] ?? 0} to ${lengths.at(-1) ?? 0}` : lengths.join(' or ')
  throw new LineError(
    `The key of ${kernel} has ${known} bytes${salt > 0 ? `, the last ${salt} of them salt` : ''}, not ${key.length}`,
    option,
  )
}

/** The name is told only where it looks like one. */
function unknown(option: Word, kernel: string, kind: string): LineError {
  const isName = /^[a-z0-9]+\([a-z0-9_,()]+\)$/.test(kernel) && kernel.length < 40
  return new LineError(`${isName ? kernel : 'What follows'} is no ${kind} that is supported here`, option)
}
