/**
 * Proposals as administrators write them, in strongSwan's notation: `aes256gcm16-prfsha384-ecp384`, `aes128-sha256-modp2048`.
 * Several words of one kind are alternatives, the preferred one first.
 */
import type { EncryptionName, GroupName, IntegrityName, PrfName } from '../../src-shared/algorithms.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { encryptions } from './encryptions.ts'

export interface EncryptionChoice {
  readonly name: EncryptionName
  readonly keyBits: number
}

/**
 * What we offer or accept in one proposal: alternatives of each kind, the preferred one first. Encryption is either all
 * combined-mode, without integrity, or none of it is (RFC 7296 section 3.3).
 */
export interface ConfiguredProposal {
  readonly encryptions: readonly EncryptionChoice[]
  readonly integrities: readonly IntegrityName[]
  /** Of IKE alone. */
  readonly prfs: readonly PrfName[]
  /** Empty for ESP without perfect forward secrecy. */
  readonly groups: readonly GroupName[]
  /** Of ESP alone: whether sequence numbers are extended, or either. */
  readonly extendedSequenceNumbers: readonly boolean[]
}

type Word =
  | { readonly part: 'encryption'; readonly choice: EncryptionChoice }
  | { readonly part: 'integrity'; readonly name: IntegrityName; readonly prf: PrfName }
  | { readonly part: 'prf'; readonly name: PrfName }
  | { readonly part: 'group'; readonly name: GroupName }
  | { readonly part: 'sequence-numbers'; readonly extended: boolean }

const encryption = (name: EncryptionName, keyBits: number): Word => ({
  part: 'encryption',
  choice: { name, keyBits },
})
const integrity = (name: IntegrityName, prf: PrfName): Word => ({ part: 'integrity', name, prf })
const pseudoRandom = (name: PrfName): Word => ({ part: 'prf', name })
const group = (name: GroupName): Word => ({ part: 'group', name })

const md5 = integrity('hmac-md5-96', 'hmac-md5')
const sha1 = integrity('hmac-sha1-96', 'hmac-sha1')
const sha256 = integrity('hmac-sha256-128', 'hmac-sha256')
const sha384 = integrity('hmac-sha384-192', 'hmac-sha384')
const sha512 = integrity('hmac-sha512-256', 'hmac-sha512')
const xcbc = integrity('aes-xcbc-96', 'aes-xcbc-128')
const cmac = integrity('aes-cmac-96', 'aes-cmac-128')
const curve25519 = group('curve25519')
const curve448 = group('curve448')

/** What stands behind the length of the key, by the cipher that it means. */
type Mode = readonly [string, EncryptionName]

/** The check value's length may be given in bytes or in bits. */
const aesModes: readonly Mode[] = [
  ['gcm16', 'aes-gcm-16'],
  ['gcm128', 'aes-gcm-16'],
  // Or not at all.
  ['gcm', 'aes-gcm-16'],
  ['gcm12', 'aes-gcm-12'],
  ['gcm96', 'aes-gcm-12'],
  ['gcm8', 'aes-gcm-8'],
  ['gcm64', 'aes-gcm-8'],
  ['ccm16', 'aes-ccm-16'],
  ['ccm128', 'aes-ccm-16'],
  ['ccm', 'aes-ccm-16'],
  ['ccm12', 'aes-ccm-12'],
  ['ccm96', 'aes-ccm-12'],
  ['ccm8', 'aes-ccm-8'],
  ['ccm64', 'aes-ccm-8'],
  ['ctr', 'aes-ctr'],
  ['gmac', 'null-aes-gmac'],
]
const camelliaModes: readonly Mode[] = [
  ['', 'camellia-cbc'],
  ['ctr', 'camellia-ctr'],
  ['ccm16', 'camellia-ccm-16'],
  ['ccm128', 'camellia-ccm-16'],
  ['ccm', 'camellia-ccm-16'],
  ['ccm12', 'camellia-ccm-12'],
  ['ccm96', 'camellia-ccm-12'],
  ['ccm8', 'camellia-ccm-8'],
  ['ccm64', 'camellia-ccm-8'],
]
const families = (family: string, modes: readonly Mode[]): readonly [string, Word][] =>
  [128, 192, 256].flatMap((keyBits) =>
    modes.map(([mode, name]): [string, Word] => [`${family}${keyBits}${mode}`, encryption(name, keyBits)]),
  )

/** Of several words for one thing the first is the one that is written. */
const words: ReadonlyMap<string, Word> = new Map<string, Word>([
  ['aes128', encryption('aes-cbc', 128)],
  ['aes192', encryption('aes-cbc', 192)],
  ['aes256', encryption('aes-cbc', 256)],
  ['aes', encryption('aes-cbc', 128)],
  ...families('aes', aesModes),
  ...families('camellia', camelliaModes),
  ['camellia', encryption('camellia-cbc', 128)],
  ['chacha20poly1305', encryption('chacha20-poly1305', 256)],
  ['3des', encryption('3des-cbc', 192)],
  ['des', encryption('des-cbc', 64)],
  ...families('blowfish', [['', 'blowfish-cbc']]),
  ['blowfish', encryption('blowfish-cbc', 128)],
  ['cast128', encryption('cast-cbc', 128)],
  ['idea', encryption('idea-cbc', 128)],
  ['rc5', encryption('rc5-cbc', 128)],
  ['null', encryption('null', 0)],
  ['md5', md5],
  ['sha1', sha1],
  ['sha', sha1],
  ['sha256', sha256],
  ['sha2_256', sha256],
  ['sha384', sha384],
  ['sha2_384', sha384],
  ['sha512', sha512],
  ['sha2_512', sha512],
  ['aesxcbc', xcbc],
  ['aescmac', cmac],
  ['prfmd5', pseudoRandom('hmac-md5')],
  ['prfsha1', pseudoRandom('hmac-sha1')],
  ['prfsha256', pseudoRandom('hmac-sha256')],
  ['prfsha384', pseudoRandom('hmac-sha384')],
  ['prfsha512', pseudoRandom('hmac-sha512')],
  ['prfaesxcbc', pseudoRandom('aes-xcbc-128')],
  ['prfaescmac', pseudoRandom('aes-cmac-128')],
  ['curve25519', curve25519],
  ['x25519', curve25519],
  ['curve448', curve448],
  ['x448', curve448],
  ['ecp192', group('ecp192')],
  ['ecp224', group('ecp224')],
  ['ecp256', group('ecp256')],
  ['ecp384', group('ecp384')],
  ['ecp521', group('ecp521')],
  ['ecp224bp', group('ecp224bp')],
  ['ecp256bp', group('ecp256bp')],
  ['ecp384bp', group('ecp384bp')],
  ['ecp512bp', group('ecp512bp')],
  ['modp768', group('modp768')],
  ['modp1024', group('modp1024')],
  ['modp1536', group('modp1536')],
  ['modp2048', group('modp2048')],
  ['modp3072', group('modp3072')],
  ['modp4096', group('modp4096')],
  ['modp6144', group('modp6144')],
  ['modp8192', group('modp8192')],
  ['esn', { part: 'sequence-numbers', extended: true }],
  ['noesn', { part: 'sequence-numbers', extended: false }],
])

const longestShown = 40

/** The proposal, or one sentence that names the word or the kind of algorithm that is wrong. */
export function parseProposal(kind: 'ike' | 'esp', text: string): Result<ConfiguredProposal, string> {
  const chosen: Word[] = []
  for (const written of text.trim().toLowerCase().split('-')) {
    const word = words.get(written)
    if (word === undefined) return fail(`unknown algorithm "${written.slice(0, longestShown)}"`)
    chosen.push(word)
  }
  const ciphers = unique(chosen.flatMap((word) => (word.part === 'encryption' ? [word.choice] : [])))
  const named = unique(chosen.flatMap((word) => (word.part === 'prf' ? [word.name] : [])))
  const implied = unique(chosen.flatMap((word) => (word.part === 'integrity' ? [word.prf] : [])))
  const integrityNames = unique(chosen.flatMap((word) => (word.part === 'integrity' ? [word.name] : [])))
  const groupNames = unique(chosen.flatMap((word) => (word.part === 'group' ? [word.name] : [])))
  const extended = unique(chosen.flatMap((word) => (word.part === 'sequence-numbers' ? [word.extended] : [])))

  const combined = ciphers.filter(({ name }) => encryptions[name].isCombined).length
  if (ciphers.length === 0) return fail('no encryption algorithm')
  // RFC 7296 section 3.3: they go into proposals of their own.
  if (combined !== 0 && combined !== ciphers.length)
    return fail('combined-mode and other encryption together')
  if (combined === 0 && integrityNames.length === 0) return fail('no integrity algorithm')
  const isIke = kind === 'ike'
  const readable = ciphers.find(({ name }) => isIke && !encryptions[name].inIke)
  if (readable !== undefined)
    return fail(`${wordFor({ part: 'encryption', choice: readable })} is for ESP alone`)
  const prfNames = named.length > 0 ? named : implied
  if (isIke && prfNames.length === 0) return fail('no pseudo-random function')
  if (isIke && groupNames.length === 0) return fail('no key exchange group')
  if (isIke && extended.length > 0) return fail('extended sequence numbers in an IKE proposal')
  return ok({
    encryptions: ciphers,
    // As strongSwan reads it: beside a combined mode the word only names the PRF.
    integrities: combined === 0 ? integrityNames : [],
    prfs: isIke ? prfNames : [],
    groups: groupNames,
    extendedSequenceNumbers: isIke ? [] : extended.length === 0 ? [false] : extended,
  })
}

/** The proposal in words that `parseProposal` reads back to the same. */
export function formatProposal(proposal: ConfiguredProposal): string {
  const impliesPrfs =
    proposal.prfs.length === proposal.integrities.length &&
    proposal.integrities.every((name, index) => prfImpliedBy(name) === proposal.prfs[index])
  const hasPlainNumbers = String(proposal.extendedSequenceNumbers) === 'false'
  const parts: readonly Word[] = [
    ...proposal.encryptions.map((choice): Word => ({ part: 'encryption', choice })),
    ...proposal.integrities.map((name) => integrity(name, prfImpliedBy(name))),
    ...(impliesPrfs ? [] : proposal.prfs.map(pseudoRandom)),
    ...proposal.groups.map(group),
    ...(hasPlainNumbers ? [] : proposal.extendedSequenceNumbers.map(sequenceNumbers)),
  ]
  return parts.map(wordFor).join('-')
}

const sequenceNumbers = (extended: boolean): Word => ({ part: 'sequence-numbers', extended })

const prfImpliedBy = (name: IntegrityName): PrfName => {
  switch (name) {
    case 'hmac-md5-96':
      return 'hmac-md5'
    case 'hmac-sha1-96':
      return 'hmac-sha1'
    case 'hmac-sha256-128':
      return 'hmac-sha256'
    case 'hmac-sha384-192':
      return 'hmac-sha384'
    case 'hmac-sha512-256':
      return 'hmac-sha512'
    case 'aes-xcbc-96':
      return 'aes-xcbc-128'
    case 'aes-cmac-96':
      return 'aes-cmac-128'
  }
}

function wordFor(wanted: Word): string {
  for (const [written, word] of words) if (same(word, wanted)) return written
  throw new Error(`no word for ${JSON.stringify(wanted)}`)
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const unique = <Value>(values: readonly Value[]): readonly Value[] =>
  values.filter((value, index) => values.findIndex((other) => same(other, value)) === index)

const strongGroups = 'curve25519-ecp256-ecp384-ecp521-modp3072-modp4096-modp2048'
const recommendedModes = 'aes256gcm16-aes128gcm16-chacha20poly1305'
const classicModes = 'aes256-aes128-sha256-sha384-sha512'

/**
 * What is offered where the profile names nothing: no SHA-1 (RFC 8247), combined modes first. ESP offers perfect forward secrecy
 * first and then goes without, since many gateways have none set up and would refuse every rekey.
 */
const recommended = {
  ike: [
    `${recommendedModes}-prfsha256-prfsha384-prfsha512-${strongGroups}`,
    `${classicModes}-${strongGroups}`,
  ],
  esp: [
    `${recommendedModes}-${strongGroups}-esn-noesn`,
    `${classicModes}-${strongGroups}-esn-noesn`,
    `${recommendedModes}-esn-noesn`,
    `${classicModes}-esn-noesn`,
  ],
} as const

/** The recommended proposals, the preferred one first. */
export const defaultProposals = (kind: 'ike' | 'esp'): readonly ConfiguredProposal[] =>
  recommended[kind].map((text) => {
    const parsed = parseProposal(kind, text)
    if (!parsed.ok) throw new Error(`a recommended proposal is wrong: ${parsed.error}`)
    return parsed.value
  })
