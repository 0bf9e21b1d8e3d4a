/** The algorithms of phase 1 and phase 2: our names and the numbers of the IPsec DOI, both ways (RFC 2409 appendix A, RFC 2407). */
import { cipherKind } from '../../../src-shared/algorithms.ts'
import type {
  CbcName,
  EncryptionName,
  EspSuite,
  GroupName,
  HashName,
  IntegrityName,
  PrfName,
} from '../../../src-shared/algorithms.ts'
import { encryptions } from '../encryptions.ts'
import type { ConfiguredProposal } from '../proposal-text.ts'
import { groupById, groupId } from '../groups.ts'
import { prfs } from '../suites.ts'
import type { Attribute } from './attributes.ts'
import { basic, find, numberOf, numeric } from './attributes.ts'
import {
  EncapsulationMode,
  EspAuthentication,
  EspTransform,
  KEY_IKE,
  LifeType,
  Phase1Attribute,
  Phase1Encryption,
  Phase1Hash,
  Phase2Attribute,
  Protocol,
} from './code-points.ts'
import type { Proposal, Transform } from './proposal-format.ts'

/** What an ISAKMP SA has agreed on. The hash makes the prf, an HMAC (RFC 2409 section 4). */
export interface Phase1Suite {
  readonly encryption: CbcName
  readonly keyBits: number
  readonly hash: HashName
  readonly group: GroupName
  /** As in `AuthenticationMethod`. */
  readonly authentication: number
  readonly lifetimeSeconds: number
}

const encryptionIds: Readonly<Record<CbcName, number>> = {
  'aes-cbc': Phase1Encryption.AES_CBC,
  'camellia-cbc': Phase1Encryption.CAMELLIA_CBC,
  '3des-cbc': Phase1Encryption['3DES_CBC'],
  'des-cbc': Phase1Encryption.DES_CBC,
  'blowfish-cbc': Phase1Encryption.BLOWFISH,
  'cast-cbc': Phase1Encryption.CAST,
  'idea-cbc': Phase1Encryption.IDEA,
  'rc5-cbc': Phase1Encryption.RC5,
}
const hashIds: Readonly<Record<HashName, number>> = {
  md5: Phase1Hash.MD5,
  sha1: Phase1Hash.SHA1,
  sha256: Phase1Hash.SHA2_256,
  sha384: Phase1Hash.SHA2_384,
  sha512: Phase1Hash.SHA2_512,
}

function nameById<Name extends string>(
  table: Partial<Readonly<Record<Name, number>>>,
): (id: number) => Name | undefined {
  const names = new Map<number, Name>()
  for (const name in table) {
    const id = table[name]
    if (id !== undefined) names.set(id, name)
  }
  return (id) => names.get(id)
}
const encryptionById = nameById(encryptionIds)
const hashById = nameById(hashIds)

const cbcOf = (name: EncryptionName): readonly CbcName[] => {
  const cipher = cipherKind(name)
  return cipher.kind === 'cbc' ? [cipher.name] : []
}

/** Phase 1 negotiates a hash, whose HMAC is the prf (RFC 2409 section 4); a prf without one has no number here. */
const hashesOf = (prf: PrfName): readonly HashName[] => {
  const { mac } = prfs[prf]
  return mac.kind === 'hmac' ? [mac.hash] : []
}

// ---------------------------------------------------------------- phase 1

/** Every single choice that the proposals allow, the preferred one first: phase 1 knows no alternatives inside a transform. */
export const phase1Suites = (
  proposals: readonly ConfiguredProposal[],
  authentications: readonly number[],
  lifetimeSeconds: number,
): readonly Phase1Suite[] =>
  proposals.flatMap(({ encryptions: ciphers, prfs: names, groups }) =>
    ciphers.flatMap(({ name, keyBits }) =>
      cbcOf(name).flatMap((encryption) =>
        names.flatMap(hashesOf).flatMap((hash) =>
          groups.flatMap((group) =>
            authentications.map((authentication) => ({
              encryption,
              keyBits,
              hash,
              group,
              authentication,
              lifetimeSeconds,
            })),
          ),
        ),
      ),
    ),
  )

const phase1Attributes = (suite: Phase1Suite): readonly Attribute[] => [
  basic(Phase1Attribute.ENCRYPTION, encryptionIds[suite.encryption]),
  // RFC 2409 appendix A: no key length for ciphers that have but one.
  ...(encryptions[suite.encryption].hasKeyLengthAttribute
    ? [basic(Phase1Attribute.KEY_LENGTH, suite.keyBits)]
    : []),
  basic(Phase1Attribute.HASH, hashIds[suite.hash]),
  basic(Phase1Attribute.GROUP, groupId(suite.group)),
  basic(Phase1Attribute.AUTHENTICATION, suite.authentication),
  basic(Phase1Attribute.LIFE_TYPE, LifeType.SECONDS),
  numeric(Phase1Attribute.LIFE_DURATION, suite.lifetimeSeconds),
]

/** One proposal with a transform for each suite (RFC 2409 section 5). */
export const phase1Proposals = (suites: readonly Phase1Suite[]): readonly Proposal[] => [
  {
    number: 1,
    protocol: Protocol.ISAKMP,
    spi: new Uint8Array(),
    transforms: suites.map((suite, index) => ({
      number: index + 1,
      id: KEY_IKE,
      attributes: phase1Attributes(suite),
    })),
  },
]

/** The length of the key; undefined for one that the cipher does not have. */
const keyBitsOf = (name: EncryptionName, given: number | undefined): number | undefined => {
  const { keyBits, hasKeyLengthAttribute } = encryptions[name]
  if (!hasKeyLengthAttribute) return keyBits[0]
  // RFC 2451 section 2.2, RFC 3602 section 2.1: 128 bits where nothing is said; RFC 3686 and those after it leave nothing unsaid.
  const wanted = given ?? (cipherKind(name).kind === 'cbc' ? 128 : undefined)
  return keyBits.find((bits) => bits === wanted)
}

/** RFC 2407 section 4.5.4: what applies when no lifetime is named. */
const DEFAULT_LIFETIME_SECONDS = 28_800

/** Lifetimes come as pairs of type and duration (RFC 2409 appendix A, RFC 2407 section 4.5). */
function lifetimeOf(
  list: readonly Attribute[],
  typeAttribute: number,
  durationAttribute: number,
  kind: number,
): number | undefined {
  let current: number | undefined
  for (const attribute of list) {
    if (attribute.type === typeAttribute) current = numberOf(attribute)
    // Zero, which strongSwan says where it never rekeys, is as good as nothing.
    else if (attribute.type === durationAttribute && current === kind) return numberOf(attribute) || undefined
  }
  return undefined
}

/** The suite that a transform means; undefined when something in it is not in our tables. */
export function readPhase1Transform(transform: Transform): Phase1Suite | undefined {
  const { attributes } = transform
  const number = (type: number): number | undefined => {
    const attribute = find(attributes, type)
    return attribute === undefined ? undefined : numberOf(attribute)
  }
  const encryption = encryptionById(number(Phase1Attribute.ENCRYPTION) ?? 0)
  const hash = hashById(number(Phase1Attribute.HASH) ?? 0)
  const group = groupById(number(Phase1Attribute.GROUP) ?? 0)
  const authentication = number(Phase1Attribute.AUTHENTICATION)
  if (transform.id !== KEY_IKE || encryption === undefined || hash === undefined) return undefined
  if (group === undefined || authentication === undefined) return undefined
  // A prf that is not the HMAC of the hash is not in use, and not in our tables.
  if (number(Phase1Attribute.PRF) !== undefined) return undefined
  const keyBits = keyBitsOf(encryption, number(Phase1Attribute.KEY_LENGTH))
  if (keyBits === undefined) return undefined
  const lifetimeSeconds =
    lifetimeOf(attributes, Phase1Attribute.LIFE_TYPE, Phase1Attribute.LIFE_DURATION, LifeType.SECONDS) ??
    DEFAULT_LIFETIME_SECONDS
  return { encryption, keyBits, hash, group, authentication, lifetimeSeconds }
}

/** Whether two suites agree in all but the lifetime, which the peer may shorten. */
export const sameAlgorithms = (a: Phase1Suite, b: Phase1Suite): boolean =>
  a.encryption === b.encryption &&
  a.keyBits === b.keyBits &&
  a.hash === b.hash &&
  a.group === b.group &&
  a.authentication === b.authentication

// ---------------------------------------------------------------- phase 2

/** What quick mode offers and agrees on for one ESP SA. */
export interface Phase2Suite {
  readonly esp: EspSuite
  /** As in `EncapsulationMode`. */
  readonly mode: number
  readonly lifetimeSeconds: number
  readonly lifetimeKilobytes?: number
}

/** ChaCha20-Poly1305 and most of Camellia's modes have no number in the IPsec DOI. */
const espTransforms: Partial<Readonly<Record<EncryptionName, number>>> = {
  'aes-cbc': EspTransform.AES_CBC,
  'aes-ctr': EspTransform.AES_CTR,
  'aes-gcm-8': EspTransform.AES_GCM_8,
  'aes-gcm-12': EspTransform.AES_GCM_12,
  'aes-gcm-16': EspTransform.AES_GCM_16,
  'aes-ccm-8': EspTransform.AES_CCM_8,
  'aes-ccm-12': EspTransform.AES_CCM_12,
  'aes-ccm-16': EspTransform.AES_CCM_16,
  'camellia-cbc': EspTransform.CAMELLIA,
  'null-aes-gmac': EspTransform.NULL_AUTH_AES_GMAC,
  null: EspTransform.NULL,
  '3des-cbc': EspTransform['3DES'],
  'des-cbc': EspTransform.DES,
  'blowfish-cbc': EspTransform.BLOWFISH,
  'cast-cbc': EspTransform.CAST,
  'idea-cbc': EspTransform.IDEA,
  'rc5-cbc': EspTransform.RC5,
}
const encryptionByTransform = nameById(espTransforms)

/** AES-CMAC has no number in the IPsec DOI. */
const espAuthentications: Partial<Readonly<Record<IntegrityName, number>>> = {
  'hmac-md5-96': EspAuthentication.HMAC_MD5,
  'hmac-sha1-96': EspAuthentication.HMAC_SHA1,
  'hmac-sha256-128': EspAuthentication.HMAC_SHA2_256,
  'hmac-sha384-192': EspAuthentication.HMAC_SHA2_384,
  'hmac-sha512-256': EspAuthentication.HMAC_SHA2_512,
  'aes-xcbc-96': EspAuthentication.AES_XCBC_MAC,
}
const integrityByAuthentication = nameById(espAuthentications)

/** Every choice of the proposals, the preferred first. All share one group: quick mode has one KE payload (RFC 2409 section 5.5). */
export const phase2Suites = (
  proposals: readonly ConfiguredProposal[],
  group: GroupName | undefined,
  mode: number,
  lifetime: Pick<Phase2Suite, 'lifetimeSeconds' | 'lifetimeKilobytes'>,
): readonly Phase2Suite[] =>
  proposals
    .filter(({ groups }) => (group === undefined ? groups.length === 0 : groups.includes(group)))
    .flatMap(({ encryptions: ciphers, integrities: names }) =>
      ciphers
        .filter(({ name }) => espTransforms[name] !== undefined)
        .flatMap(({ name, keyBits }) => {
          const base = {
            encryption: name,
            keyBits,
            extendedSequenceNumbers: false,
            ...(group === undefined ? {} : { group }),
          }
          const suites: readonly EspSuite[] =
            names.length === 0
              ? [base]
              : names
                  .filter((integrity) => espAuthentications[integrity] !== undefined)
                  .map((integrity) => ({ ...base, integrity }))
          return suites.map((esp) => ({ esp, mode, ...lifetime }))
        }),
    )

function phase2Attributes({
  esp,
  mode,
  lifetimeSeconds,
  lifetimeKilobytes,
}: Phase2Suite): readonly Attribute[] {
  return [
    ...(encryptions[esp.encryption].hasKeyLengthAttribute
      ? [basic(Phase2Attribute.KEY_LENGTH, esp.keyBits)]
      : []),
    ...(esp.integrity === undefined
      ? []
      : [basic(Phase2Attribute.AUTHENTICATION, espAuthentications[esp.integrity] ?? 0)]),
    basic(Phase2Attribute.MODE, mode),
    ...(esp.group === undefined ? [] : [basic(Phase2Attribute.GROUP, groupId(esp.group))]),
    basic(Phase2Attribute.LIFE_TYPE, LifeType.SECONDS),
    numeric(Phase2Attribute.LIFE_DURATION, lifetimeSeconds),
    ...(lifetimeKilobytes === undefined
      ? []
      : [
          basic(Phase2Attribute.LIFE_TYPE, LifeType.KILOBYTES),
          numeric(Phase2Attribute.LIFE_DURATION, lifetimeKilobytes),
        ]),
  ]
}

/** One proposal with a transform for each suite. */
export const phase2Proposals = (suites: readonly Phase2Suite[], spi: Uint8Array): readonly Proposal[] => [
  {
    number: 1,
    protocol: Protocol.ESP,
    spi,
    transforms: suites.map((suite, index) => ({
      number: index + 1,
      id: espTransforms[suite.esp.encryption] ?? 0,
      attributes: phase2Attributes(suite),
    })),
  },
]

/** The suite that a transform of an ESP proposal means; undefined when something in it is not in our tables. */
export function readPhase2Transform(transform: Transform): Phase2Suite | undefined {
  const { attributes } = transform
  const number = (type: number): number | undefined => {
    const attribute = find(attributes, type)
    return attribute === undefined ? undefined : numberOf(attribute)
  }
  const encryption = encryptionByTransform(transform.id)
  if (encryption === undefined) return undefined
  const keyBits = keyBitsOf(encryption, number(Phase2Attribute.KEY_LENGTH))
  const authentication = number(Phase2Attribute.AUTHENTICATION)
  const integrity = authentication === undefined ? undefined : integrityByAuthentication(authentication)
  const { isCombined } = encryptions[encryption]
  if (keyBits === undefined || (authentication !== undefined && integrity === undefined)) return undefined
  if ((integrity === undefined) !== isCombined) return undefined
  const groupNumber = number(Phase2Attribute.GROUP)
  const group = groupNumber === undefined ? undefined : groupById(groupNumber)
  if (groupNumber !== undefined && group === undefined) return undefined
  const kilobytes = lifetimeOf(
    attributes,
    Phase2Attribute.LIFE_TYPE,
    Phase2Attribute.LIFE_DURATION,
    LifeType.KILOBYTES,
  )
  return {
    esp: {
      encryption,
      keyBits,
      ...(integrity === undefined ? {} : { integrity }),
      ...(group === undefined ? {} : { group }),
      extendedSequenceNumbers: false,
    },
    // RFC 2407 section 4.5: implementation-dependent when absent; transport is what others take it for.
    mode: number(Phase2Attribute.MODE) ?? EncapsulationMode.TRANSPORT,
    lifetimeSeconds:
      lifetimeOf(attributes, Phase2Attribute.LIFE_TYPE, Phase2Attribute.LIFE_DURATION, LifeType.SECONDS) ??
      DEFAULT_LIFETIME_SECONDS,
    ...(kilobytes === undefined ? {} : { lifetimeKilobytes: kilobytes }),
  }
}
