/** Every transform that may stand in a proposal, as a person chooses it. */
import type { EncryptionName, GroupName, IntegrityName, PrfName } from '../../src-shared/algorithms.ts'
import type { ProposalKind, TransformChoice } from '../../src-shared/proposal-choice.ts'
import type { ConfiguredProposal } from '../ike/proposal-text.ts'
import { formatProposal, parseProposal } from '../ike/proposal-text.ts'
import type { Standing } from '../ike/suites.ts'
import { encryptions, groups, integrities, prfs } from '../ike/suites.ts'
import type { CryptoCapabilities } from './crypto-capabilities.ts'

const both: readonly ProposalKind[] = ['ike', 'esp']
const nothing: ConfiguredProposal = {
  encryptions: [],
  integrities: [],
  prfs: [],
  groups: [],
  extendedSequenceNumbers: [],
}

const encryptionLabel = (name: EncryptionName, keyBits: number): string => {
  switch (name) {
    case 'aes-gcm-16':
      return `AES-${keyBits}-GCM`
    case 'aes-cbc':
      return `AES-${keyBits}-CBC`
    case 'chacha20-poly1305':
      return 'ChaCha20-Poly1305'
    case '3des-cbc':
      return '3DES-CBC'
    case 'des-cbc':
      return 'DES-CBC'
  }
}
const integrityLabels: Readonly<Record<IntegrityName, string>> = {
  'hmac-sha256-128': 'HMAC-SHA2-256-128',
  'hmac-sha384-192': 'HMAC-SHA2-384-192',
  'hmac-sha512-256': 'HMAC-SHA2-512-256',
  'hmac-sha1-96': 'HMAC-SHA1-96',
  'hmac-md5-96': 'HMAC-MD5-96',
  'aes-xcbc-96': 'AES-XCBC-96',
  'aes-cmac-96': 'AES-CMAC-96',
}
const prfLabels: Readonly<Record<PrfName, string>> = {
  'hmac-sha256': 'HMAC-SHA2-256',
  'hmac-sha384': 'HMAC-SHA2-384',
  'hmac-sha512': 'HMAC-SHA2-512',
  'hmac-sha1': 'HMAC-SHA1',
  'hmac-md5': 'HMAC-MD5',
  'aes-xcbc-128': 'AES-XCBC-PRF-128',
  'aes-cmac-128': 'AES-CMAC-PRF-128',
}
const groupLabel = (name: GroupName): string =>
  name === 'curve25519' ? 'Curve25519' : name.replace(/^(ecp|modp)/, (family) => `${family.toUpperCase()}-`)

const unavailableHere = "This computer's crypto library does not have it"

/** What is said of a transform beside its word, role and label. */
const judged = (strength: Standing, can: boolean): Pick<TransformChoice, 'weak' | 'unavailable'> => ({
  ...(strength.standing === 'weak' ? { weak: strength.reason } : {}),
  ...(can ? {} : { unavailable: unavailableHere }),
})

/** Algorithms that people have in mind or on paper and this version lacks; each goes from here by itself once the engine knows its word. */
const lacking: readonly TransformChoice[] = [
  ...[128, 192, 256].map((keyBits): TransformChoice => ({
    word: `aes${keyBits}gmac`,
    role: 'encryption',
    label: `AES-${keyBits}-GMAC (integrity without encryption)`,
    kinds: ['esp'],
    combined: true,
    weak: 'it does not encrypt',
  })),
  { word: 'aesxcbc', role: 'integrity', label: 'AES-XCBC-96', kinds: both, combined: false },
  { word: 'prfaesxcbc', role: 'prf', label: 'AES-XCBC-PRF-128', kinds: ['ike'], combined: false },
]

const probes: Readonly<Record<TransformChoice['role'], (word: string) => string>> = {
  encryption: (word) => `${word}-sha256`,
  integrity: (word) => `aes128-${word}`,
  prf: (word) => `aes128-${word}-sha256`,
  group: (word) => `aes128-sha256-${word}`,
  'sequence-numbers': (word) => `aes128-sha256-${word}`,
}
const engineKnows = ({ word, role }: TransformChoice): boolean => parseProposal('esp', probes[role](word)).ok

export interface Transforms {
  /** All there are, by role, the preferred ones first. */
  readonly all: readonly TransformChoice[]
  /** Those of a proposal, by role. */
  of(kind: ProposalKind, proposal: ConfiguredProposal): readonly TransformChoice[]
}

export function describeTransforms(can: CryptoCapabilities): Transforms {
  const encryption = (name: EncryptionName, keyBits: number): TransformChoice => ({
    word: formatProposal({ ...nothing, encryptions: [{ name, keyBits }] }),
    role: 'encryption',
    label: encryptionLabel(name, keyBits),
    kinds: both,
    combined: encryptions[name].isCombined,
    ...judged(encryptions[name].strength, can.encryption(name, keyBits)),
  })
  const integrity = (name: IntegrityName): TransformChoice => ({
    word: formatProposal({ ...nothing, integrities: [name] }),
    role: 'integrity',
    label: integrityLabels[name],
    kinds: both,
    combined: false,
    ...judged(integrities[name].strength, can.integrity(name)),
  })
  const prf = (name: PrfName): TransformChoice => ({
    word: formatProposal({ ...nothing, prfs: [name] }),
    role: 'prf',
    label: prfLabels[name],
    kinds: ['ike'],
    combined: false,
    ...judged(prfs[name].strength, can.prf(name)),
  })
  const group = (name: GroupName): TransformChoice => ({
    word: formatProposal({ ...nothing, groups: [name] }),
    role: 'group',
    label: groupLabel(name),
    kinds: both,
    combined: false,
    ...judged(groups[name].strength, can.group(name)),
  })
  const sequenceNumbers = (extended: boolean): TransformChoice => ({
    word: extended ? 'esn' : 'noesn',
    role: 'sequence-numbers',
    label: extended ? '64-bit sequence numbers (extended)' : '32-bit sequence numbers',
    kinds: ['esp'],
    combined: false,
  })
  const all = [
    ...namesOf(encryptions).flatMap((name) =>
      encryptions[name].keyBits.toReversed().map((keyBits) => encryption(name, keyBits)),
    ),
    ...namesOf(integrities).map(integrity),
    ...namesOf(prfs).map(prf),
    ...namesOf(groups).map(group),
    sequenceNumbers(true),
    sequenceNumbers(false),
    ...lacking
      .filter((choice) => !engineKnows(choice))
      .map((choice) => ({ ...choice, unavailable: lackingHere })),
  ]
  return {
    all,
    of: (kind, proposal) => [
      ...proposal.encryptions.map(({ name, keyBits }) => encryption(name, keyBits)),
      ...proposal.integrities.map(integrity),
      ...(kind === 'ike' ? proposal.prfs.map(prf) : []),
      ...proposal.groups.map(group),
      ...(kind === 'esp' ? proposal.extendedSequenceNumbers.map(sequenceNumbers) : []),
    ],
  }
}

/** Why a transform of `lacking` cannot be used. */
export const lackingHere = 'This version of Culvert does not have it yet'

/** A table's names, in its order. */
function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] {
  const names: Name[] = []
  for (const name in table) names.push(name)
  return names
}
