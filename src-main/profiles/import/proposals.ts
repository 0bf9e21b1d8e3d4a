/** Algorithm proposals in strongSwan's notation, sorted into what Culvert offers, what is weak and what it does not have. */
import type { ProblemList } from './importer.ts'

type Part = 'encryption' | 'combined' | 'integrity' | 'prf' | 'group' | 'sequence-numbers'

interface Keyword {
  readonly part: Part
  readonly standing: 'good' | 'weak' | 'refused'
}

const rows = (part: Part, standing: Keyword['standing'], names: string): [string, Keyword][] =>
  names.split(' ').map((name) => [name, { part, standing }])

/** Keywords of strongSwan's proposal parser (src/libstrongswan/crypto/proposal/proposal_keywords_static.txt). */
const keywords: ReadonlyMap<string, Keyword> = new Map([
  ...rows('encryption', 'good', 'aes aes128 aes192 aes256'),
  ...rows('combined', 'good', 'aes128gcm aes192gcm aes256gcm aes128gcm16 aes192gcm16 aes256gcm16'),
  ...rows('combined', 'good', 'aes128gcm128 aes192gcm128 aes256gcm128 chacha20poly1305'),
  ...rows('integrity', 'good', 'sha256 sha2_256 sha384 sha2_384 sha512 sha2_512'),
  ...rows('encryption', 'weak', '3des'),
  ...rows('integrity', 'weak', 'sha sha1 md5'),
  ...rows('prf', 'good', 'prfsha256 prfsha384 prfsha512'),
  ...rows('prf', 'weak', 'prfsha1 prfmd5'),
  ...rows('group', 'good', 'modp2048 modp3072 modp4096 modp6144 modp8192'),
  ...rows('group', 'good', 'ecp256 ecp384 ecp521 curve25519 x25519'),
  ...rows('group', 'weak', 'modp1024 modp1536'),
  ...rows('sequence-numbers', 'good', 'esn noesn'),
  // RFC 8247 and RFC 8221: MUST NOT. Culvert does not have them, or only for whoever chooses them in the editor.
  ...rows('encryption', 'refused', 'null des blowfish blowfish128 blowfish192 blowfish256 cast128 rc5 idea'),
  ...rows('integrity', 'refused', 'md5_128 sha1_160 sha256_96 sha2_256_96'),
  ...rows('group', 'refused', 'modp768 modp1024s160 modp2048s224 modp2048s256 modpnull ecp192'),
])

const advice = {
  weak: 'Ask the administrator for SHA-256 or better; it still works meanwhile.',
  refused: 'It is no longer safe. Ask the administrator what else the gateway accepts.',
  unknown: 'Culvert does not have it. The rest of the proposal is offered.',
} as const

/** A proposal with what is not offered taken out; undefined when too little is left of it. */
function usablePart(
  protocol: 'ike' | 'esp',
  proposal: string,
  where: string,
  problems: ProblemList,
): string | undefined {
  const kept: string[] = []
  const parts = new Set<Part>()
  for (const name of proposal.toLowerCase().split('-')) {
    const keyword = keywords.get(name)
    if (keyword === undefined) {
      problems.add('warning', where, `The algorithm ${name.slice(0, 40)} is not supported`, advice.unknown)
    } else if (keyword.standing === 'refused') {
      problems.add('warning', where, `The algorithm ${name} is too weak and is not offered`, advice.refused)
    } else if (protocol === 'ike' && keyword.part === 'sequence-numbers') {
      problems.add('note', where, `${name} has no meaning for IKE`, 'It is left out.')
    } else {
      if (keyword.standing === 'weak')
        problems.add('warning', where, `The algorithm ${name} is weak`, advice.weak)
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
 * says that by an empty list, it is dropped beside others.
 */
export function usableProposals(
  protocol: 'ike' | 'esp',
  given: readonly string[],
  where: string,
  problems: ProblemList,
): string[] {
  const named = given.map((proposal) => proposal.trim()).filter((proposal) => proposal !== '')
  const explicit = named.filter((proposal) => proposal.toLowerCase() !== 'default')
  const usable: string[] = []
  for (const proposal of explicit.slice(0, 32)) {
    const kept = usablePart(protocol, proposal, where, problems)
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
