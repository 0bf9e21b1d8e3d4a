/** Algorithm proposals in strongSwan's notation, sorted into what Culvert offers, what is weak and what it does not have. */
import type { ProblemList } from './importer.ts'

type Part = 'encryption' | 'combined' | 'integrity' | 'prf' | 'group' | 'sequence-numbers'

interface Keyword {
  readonly part: Part
  /** `legacy`: only where whoever wrote the profile wrote it for Culvert and names it. */
  readonly standing: 'good' | 'weak' | 'legacy' | 'refused'
  /** ESP alone may have it. */
  readonly espOnly?: true
}

const rows = (part: Part, standing: Keyword['standing'], names: string): [string, Keyword][] =>
  names.split(' ').map((name) => [name, { part, standing }])

const bits = [128, 192, 256]
const sized = (family: string, modes: string): string =>
  bits.flatMap((size) => modes.split(' ').map((mode) => `${family}${size}${mode}`)).join(' ')
const espOnly = (given: [string, Keyword][]): [string, Keyword][] =>
  given.map(([name, keyword]) => [name, { ...keyword, espOnly: true }])

/** Keywords of strongSwan's proposal parser (src/libstrongswan/crypto/proposal/proposal_keywords_static.txt). */
const keywords: ReadonlyMap<string, Keyword> = new Map([
  ...rows('encryption', 'good', 'aes aes128 aes192 aes256'),
  ...rows('encryption', 'good', sized('aes', 'ctr')),
  ...rows(
    'combined',
    'good',
    sized('aes', 'gcm gcm16 gcm128 gcm12 gcm96 ccm ccm16 ccm128 ccm12 ccm96 ccm8 ccm64'),
  ),
  ...rows('combined', 'good', 'chacha20poly1305'),
  ...rows('combined', 'weak', sized('aes', 'gcm8 gcm64')),
  ...rows('encryption', 'good', 'camellia camellia128 camellia192 camellia256'),
  ...espOnly(rows('encryption', 'good', sized('camellia', 'ctr'))),
  ...espOnly(rows('combined', 'good', sized('camellia', 'ccm ccm16 ccm128 ccm12 ccm96 ccm8 ccm64'))),
  ...rows('integrity', 'good', 'sha256 sha2_256 sha384 sha2_384 sha512 sha2_512 aesxcbc aescmac'),
  ...rows('encryption', 'weak', '3des'),
  ...rows('integrity', 'weak', 'sha sha1 md5'),
  ...rows('prf', 'good', 'prfsha256 prfsha384 prfsha512 prfaesxcbc prfaescmac'),
  ...rows('prf', 'weak', 'prfsha1 prfmd5'),
  ...rows('group', 'good', 'modp2048 modp3072 modp4096 modp6144 modp8192'),
  ...rows('group', 'good', 'ecp224 ecp256 ecp384 ecp521 curve25519 x25519 curve448 x448'),
  ...rows('group', 'good', 'ecp224bp ecp256bp ecp384bp ecp512bp'),
  ...rows('group', 'weak', 'modp1024 modp1536'),
  ...rows('sequence-numbers', 'good', 'esn noesn'),
  // RFC 8247 and RFC 8221: MUST NOT. For whoever chooses them in the editor or names them in a profile written for Culvert.
  ...rows('encryption', 'legacy', 'des blowfish blowfish128 blowfish192 blowfish256 cast128 rc5 idea'),
  ...espOnly(rows('encryption', 'legacy', 'null')),
  ...espOnly(rows('combined', 'legacy', sized('aes', 'gmac'))),
  ...rows('group', 'legacy', 'modp768 ecp192'),
  // Culvert does not have them.
  ...rows('integrity', 'refused', 'md5_128 sha1_160 sha256_96 sha2_256_96'),
  ...rows('group', 'refused', 'modp1024s160 modp2048s224 modp2048s256 modpnull'),
])

const advice = {
  weak: 'Ask the administrator for SHA-256 or better; it still works meanwhile.',
  legacy:
    'It is no longer safe, and used only because this profile names it. Ask the administrator what else the gateway accepts.',
  refused: 'It is no longer safe. Ask the administrator what else the gateway accepts.',
  unknown: 'Culvert does not have it. The rest of the proposal is offered.',
} as const

/** A proposal with what is not offered taken out; undefined when too little is left of it. */
function usablePart(
  protocol: 'ike' | 'esp',
  proposal: string,
  where: string,
  problems: ProblemList,
  withLegacy: boolean,
): string | undefined {
  const kept: string[] = []
  const parts = new Set<Part>()
  for (const name of proposal.toLowerCase().split('-')) {
    const keyword = keywords.get(name)
    if (keyword === undefined) {
      problems.add('warning', where, `The algorithm ${name.slice(0, 40)} is not supported`, advice.unknown)
    } else if (keyword.standing === 'refused' || (keyword.standing === 'legacy' && !withLegacy)) {
      problems.add('warning', where, `The algorithm ${name} is too weak and is not offered`, advice.refused)
    } else if (protocol === 'ike' && (keyword.part === 'sequence-numbers' || keyword.espOnly === true)) {
      problems.add('note', where, `${name} has no meaning for IKE`, 'It is left out.')
    } else {
      if (keyword.standing === 'weak')
        problems.add('warning', where, `The algorithm ${name} is weak`, advice.weak)
      if (keyword.standing === 'legacy')
        problems.add('warning', where, `The algorithm ${name} is too weak`, advice.legacy)
      kept.push(name)
      parts.add(keyword.part)
    }
  }
  // RFC 7296 section 3.3: combined modes and others go into proposals of their own.
  if (parts.has('combined') && parts.has('encryption')) return undefined
  const encrypts = parts.has('combined') || (parts.has('encryption') && parts.has('integrity'))
  // RFC 7296 section 3.3.3: an IKE proposal needs encryption, a PRF (implied by the integrity algorithm here) and a group.
  const hasPrf = parts.has('prf') || parts.has('integrity')
  const complete = protocol === 'esp' ? encrypts : encrypts && hasPrf && parts.has('group')
  return complete ? kept.join('-') : undefined
}

/**
 * The proposals that can be offered, as administrators write them. `default` stands for Culvert's recommended ones: as the profile
 * says that by an empty list, it is dropped beside others. `withLegacy`: the profile was written for Culvert, so that what is no
 * longer safe is named in it on purpose.
 */
export function usableProposals(
  protocol: 'ike' | 'esp',
  given: readonly string[],
  where: string,
  problems: ProblemList,
  withLegacy = false,
): string[] {
  const named = given.map((proposal) => proposal.trim()).filter((proposal) => proposal !== '')
  const explicit = named.filter((proposal) => proposal.toLowerCase() !== 'default')
  const usable: string[] = []
  for (const proposal of explicit.slice(0, 32)) {
    const kept = usablePart(protocol, proposal, where, problems, withLegacy)
    if (kept !== undefined) usable.push(kept)
    else {
      problems.add(
        'warning',
        where,
        `The proposal ${proposal.slice(0, 80)} cannot be offered`,
        'Too little of it is left without what is unsupported or weak, or it mixes combined modes with others.',
      )
    }
  }
  if (explicit.length > 0 && usable.length === 0) {
    problems.add(
      'error',
      where,
      'None of these proposals can be offered',
      'The recommended ones are offered instead, which the gateway may refuse. Ask the administrator what else it accepts.',
    )
  }
  return usable
}
