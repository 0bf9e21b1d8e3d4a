/** Lists of revoked certificates: read strictly, and what they say of one certificate (RFC 5280 section 6.3). */
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { comparableName } from '../ike/distinguished-name.ts'
import { DecodeError, decode } from '../wire/codec.ts'
import type { Codec, Decoded } from '../wire/codec.ts'
import { toHex } from '../wire/text.ts'
import { checkSignature } from './certificate-signature.ts'
import { KeyUsageBit, authorityKeyIdentifier, extensionList } from './certificate-format.ts'
import type { Extension } from './certificate-format.ts'
import type { Certificate } from './certificate.ts'
import {
  issuingDistributionPoint,
  listFormat,
  listNumber,
  reasonCode,
  signedListFormat,
} from './crl-format.ts'
import { readPublicKey } from './public-key.ts'
import { nameMark, namesOfPoint, readPoints } from './revocation-pointers.ts'
import type { DistributionPoint } from './revocation-pointers.ts'

/** RFC 5280 sections 5.2 and 5.3; object identifiers in hexadecimal digits. */
const ListExtensionId = {
  LIST_NUMBER: '551d14',
  DELTA_INDICATOR: '551d1b',
  ISSUING_DISTRIBUTION_POINT: '551d1c',
  AUTHORITY_KEY_IDENTIFIER: '551d23',
  FRESHEST_LIST: '551d2e',
} as const
const REASON_CODE = '551d15'
const INVALIDITY_DATE = '551d18'

const understood: ReadonlySet<string> = new Set(Object.values(ListExtensionId))
const entryUnderstood: ReadonlySet<string> = new Set([REASON_CODE, INVALIDITY_DATE])

/** Clocks differ. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000

export interface RevocationList {
  readonly signed: Uint8Array
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  /** Comparable name of who issued it. */
  readonly issuerKey: string
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** By serial number in hexadecimal digits. */
  readonly entries: ReadonlyMap<string, { readonly at: number; readonly reason: number | undefined }>
  readonly number: bigint | undefined
  /** Of a delta: the number of the complete list that it builds on. */
  readonly base: bigint | undefined
  readonly scope: Scope | undefined
  /** The scope's bytes: a delta has to have the same (section 5.2.4). */
  readonly scopeMark: string
  readonly authorityKeyId: string | undefined
  readonly deltas: readonly DistributionPoint[]
}

type Scope = Decoded<typeof issuingDistributionPoint>

const numberOf = (content: Uint8Array | undefined): bigint | undefined =>
  content === undefined ? undefined : BigInt(`0x0${toHex(content)}`)

const valueOf = <Value>(all: readonly Extension[], id: string, format: Codec<Value>): Value | undefined => {
  const found = all.find((extension) => extension.id === id)
  return found && decode(format, found.value)
}

/** The reason an entry gives. Throws DecodeError; gives a sentence's clause when the entry demands what is not supported. */
function reasonOf(der: Uint8Array | undefined): { readonly reason: number | undefined } | string {
  if (der === undefined) return { reason: undefined }
  // The list format has taken the tag off.
  const all = decode(extensionList, der)
  const unknown = all.find(({ id, critical }) => critical === true && !entryUnderstood.has(id))
  // Section 5.3: such a list must not be used, for nobody knows what the entry means.
  if (unknown !== undefined) return `an entry demands an extension that is not supported (${unknown.id})`
  return { reason: valueOf(all, REASON_CODE, reasonCode) }
}

/** Throws DecodeError. */
function read(der: Uint8Array): RevocationList | string {
  const outer = decode(listFormat, der)
  const inner = decode(signedListFormat, outer.signed)
  if (Buffer.compare(outer.algorithm, inner.algorithm) !== 0) return 'its two signature algorithms differ'
  const all = inner.extensions ?? []
  if (new Set(all.map(({ id }) => id)).size !== all.length) return 'it has an extension twice'
  const unknown = all.find(({ id, critical }) => critical === true && !understood.has(id))
  if (unknown !== undefined) return `it demands an extension that is not supported (${unknown.id})`
  const issuerKey = comparableName(inner.issuer)
  if (issuerKey === undefined) return 'its issuer has a name that cannot be read'
  // Section 5.1.2.5: conforming issuers always say it; without it, an old list would be good for ever.
  if (inner.nextUpdate === undefined) return 'it does not say until when it counts'
  const entries = new Map<string, { readonly at: number; readonly reason: number | undefined }>()
  for (const { serialNumber, date, extensions } of inner.entries ?? []) {
    const found = reasonOf(extensions)
    if (typeof found === 'string') return found
    entries.set(toHex(serialNumber), { at: date, reason: found.reason })
  }
  const freshest = all.find(({ id }) => id === ListExtensionId.FRESHEST_LIST)
  const scope = all.find(({ id }) => id === ListExtensionId.ISSUING_DISTRIBUTION_POINT)
  const keyId = valueOf(all, ListExtensionId.AUTHORITY_KEY_IDENTIFIER, authorityKeyIdentifier)?.key
  return {
    signed: outer.signed,
    signatureAlgorithm: outer.algorithm,
    signature: outer.signature,
    issuerKey,
    thisUpdate: inner.thisUpdate,
    nextUpdate: inner.nextUpdate,
    entries,
    number: numberOf(valueOf(all, ListExtensionId.LIST_NUMBER, listNumber)),
    base: numberOf(valueOf(all, ListExtensionId.DELTA_INDICATOR, listNumber)),
    scope: scope && decode(issuingDistributionPoint, scope.value),
    scopeMark: scope === undefined ? '' : toHex(scope.value),
    authorityKeyId: keyId && toHex(keyId),
    deltas: freshest === undefined ? [] : readPoints(freshest.value),
  }
}

/** The list that these bytes are (DER). The error says what is wrong, as a clause for people. */
export function parseRevocationList(der: Uint8Array): Result<RevocationList, string> {
  try {
    const found = read(der)
    return typeof found === 'string' ? fail(found) : ok(found)
  } catch (error) {
    if (error instanceof DecodeError)
      return fail(`it is not a list of revoked certificates (${error.message})`)
    throw error
  }
}

/** What is wrong with a list that this authority should have signed; undefined when nothing is. Never throws. */
export function listProblem(list: RevocationList, issuer: Certificate, at: number): string | undefined {
  // Section 6.3.3 (b): with a certificate's issuer as the only issuer that is accepted, the names have to be the same.
  if (list.issuerKey !== issuer.subjectKey) return 'it is from another authority'
  if (list.scope?.isIndirect === true) return 'it is an indirect list, which is not supported'
  if (list.thisUpdate > at + CLOCK_TOLERANCE_MS) return 'it counts only from a later time on'
  if (list.nextUpdate < at - CLOCK_TOLERANCE_MS)
    return `it counted until ${new Date(list.nextUpdate).toISOString()}`
  // Section 6.3.3 (f).
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has(KeyUsageBit.CRL_SIGN))
    return 'its authority may not sign such lists'
  if (
    list.authorityKeyId !== undefined &&
    issuer.subjectKeyId !== undefined &&
    list.authorityKeyId !== issuer.subjectKeyId
  )
    return 'it is signed with another key of its authority'
  const key = readPublicKey(issuer.spki)
  if (!key.ok) return `its authority has ${key.error}`
  // Section 6.3.3 (g).
  switch (checkSignature(list, key.value)) {
    case 'valid':
      return undefined
    case 'invalid':
      return 'its signature is wrong'
    case 'weak':
      return 'it is signed with SHA-1'
    case 'unknown-algorithm':
      return 'it is signed in a way that is not supported'
  }
}

/** Why a list does not speak of this certificate, found at this point; undefined when it does. Section 6.3.3 (b). Throws DecodeError. */
function scopeProblem(
  { scope }: RevocationList,
  certificate: Certificate,
  point: DistributionPoint,
): string | undefined {
  if (scope === undefined) return undefined
  const names = namesOfPoint(scope.name).map(nameMark)
  // Section 6.3.3 (b) (2) (i): else a list of other certificates could stand in for the one that names this.
  if (scope.name !== undefined && !names.some((name) => point.names.includes(name)))
    return 'it is the list of another place'
  const isAuthority = certificate.basicConstraints?.isAuthority === true
  if (scope.onlyUsers === true && isAuthority) return 'it has no authorities'
  if (scope.onlyAuthorities === true && !isAuthority) return 'it has authorities alone'
  return scope.onlyAttributes === true ? 'it has attribute certificates alone' : undefined
}

/** As `scopeProblem`; never throws. */
export function coverProblem(
  list: RevocationList,
  certificate: Certificate,
  point: DistributionPoint,
): string | undefined {
  try {
    return scopeProblem(list, certificate, point)
  } catch (error) {
    if (error instanceof DecodeError) return 'its scope cannot be read'
    throw error
  }
}

/** Whether a delta brings this complete list up to date (section 6.3.3 (c)). */
export const fitsBase = (delta: RevocationList, base: RevocationList): boolean =>
  delta.base !== undefined &&
  delta.number !== undefined &&
  base.number !== undefined &&
  delta.issuerKey === base.issuerKey &&
  delta.scopeMark === base.scopeMark &&
  delta.authorityKeyId === base.authorityKeyId &&
  // Section 5.2.4: the complete list is at least the one it builds on, and not newer than it.
  base.number >= delta.base &&
  delta.number >= base.number
