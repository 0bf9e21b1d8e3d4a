/** Every transform that may stand in a proposal, as a person chooses it. */
import type { EncryptionName, GroupName, IntegrityName, PrfName } from '../../src-shared/algorithms.ts'
import type { ProposalKind, TransformChoice } from '../../src-shared/proposal-choice.ts'
import type { ConfiguredProposal } from '../ike/proposal-text.ts'
import { formatProposal } from '../ike/proposal-text.ts'
import type { Standing } from '../ike/standing.ts'
import { encryptions } from '../ike/encryptions.ts'
import { groups } from '../ike/groups.ts'
import { integrities, prfs } from '../ike/suites.ts'
import type { CryptoCapabilities } from './crypto-capabilities.ts'

const both: readonly ProposalKind[] = ['ike', 'esp']
const espOnly: readonly ProposalKind[] = ['esp']
const nothing: ConfiguredProposal = {
  encryptions: [],
  integrities: [],
  prfs: [],
  groups: [],
  extendedSequenceNumbers: [],
}

/** How people call a cipher whose key has so many bits. */
const encryptionLabels: Readonly<Record<EncryptionName, (keyBits: number) => string>> = {
  'aes-gcm-16': (keyBits) => `AES-${keyBits}-GCM`,
  'aes-gcm-12': (keyBits) => `AES-${keyBits}-GCM, 12-byte check`,
  'aes-gcm-8': (keyBits) => `AES-${keyBits}-GCM, 8-byte check`,
  'aes-ccm-16': (keyBits) => `AES-${keyBits}-CCM`,
  'aes-ccm-12': (keyBits) => `AES-${keyBits}-CCM, 12-byte check`,
  'aes-ccm-8': (keyBits) => `AES-${keyBits}-CCM, 8-byte check`,
  'chacha20-poly1305': () => 'ChaCha20-Poly1305',
  'aes-cbc': (keyBits) => `AES-${keyBits}-CBC`,
  'aes-ctr': (keyBits) => `AES-${keyBits}-CTR`,
  'camellia-cbc': (keyBits) => `Camellia-${keyBits}-CBC`,
  'camellia-ctr': (keyBits) => `Camellia-${keyBits}-CTR`,
  'camellia-ccm-16': (keyBits) => `Camellia-${keyBits}-CCM`,
  'camellia-ccm-12': (keyBits) => `Camellia-${keyBits}-CCM, 12-byte check`,
  'camellia-ccm-8': (keyBits) => `Camellia-${keyBits}-CCM, 8-byte check`,
  '3des-cbc': () => '3DES-CBC',
  'des-cbc': () => 'DES-CBC',
  'blowfish-cbc': (keyBits) => `Blowfish-${keyBits}-CBC`,
  'cast-cbc': () => 'CAST-128-CBC',
  'idea-cbc': () => 'IDEA-CBC',
  'rc5-cbc': () => 'RC5-CBC',
  'null-aes-gmac': (keyBits) => `AES-${keyBits}-GMAC (integrity without encryption)`,
  null: () => 'None (integrity without encryption)',
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
const groupLabels: Readonly<Record<GroupName, string>> = {
  curve25519: 'Curve25519',
  curve448: 'Curve448',
  ecp192: 'ECP-192',
  ecp224: 'ECP-224',
  ecp256: 'ECP-256',
  ecp384: 'ECP-384',
  ecp521: 'ECP-521',
  ecp224bp: 'Brainpool-224',
  ecp256bp: 'Brainpool-256',
  ecp384bp: 'Brainpool-384',
  ecp512bp: 'Brainpool-512',
  modp768: 'MODP-768',
  modp1024: 'MODP-1024',
  modp1536: 'MODP-1536',
  modp2048: 'MODP-2048',
  modp3072: 'MODP-3072',
  modp4096: 'MODP-4096',
  modp6144: 'MODP-6144',
  modp8192: 'MODP-8192',
}

const unavailableHere = "This computer's crypto library does not have it"

/** What is said of a transform beside its word, role and label. */
const judged = (strength: Standing, can: boolean): Pick<TransformChoice, 'weak' | 'unavailable'> => ({
  ...(strength.standing === 'weak' ? { weak: strength.reason } : {}),
  ...(can ? {} : { unavailable: unavailableHere }),
})

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
    label: encryptionLabels[name](keyBits),
    kinds: encryptions[name].inIke ? both : espOnly,
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
    label: groupLabels[name],
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

/** A table's names, in its order. */
function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] {
  const names: Name[] = []
  for (const name in table) names.push(name)
  return names
}
