/** Where an authority says whether a certificate is revoked: OCSP responders and places of lists (RFC 5280 sections 4.2.1.13, 4.2.1.15, 4.2.2.1). */
import { DecodeError, decode, struct } from '../wire/codec.ts'
import { anyElement } from '../wire/der.ts'
import { list, rest } from '../wire/sequences.ts'
import { latin1Text } from '../wire/text.ts'
import { flagContent, objectIdentifier, optional, sequence } from './asn1.ts'
import { GeneralNameTag, generalName } from './certificate-format.ts'
import type { Extension, GeneralName } from './certificate-format.ts'

const MOST_POINTS = 32
const MOST_NAMES = 32

/** A place's names, or the last part of one below the issuer's name, which nobody uses. */
export const FULL_NAME = 0xa0

/*
 * DistributionPoint ::= SEQUENCE { distributionPoint [0] DistributionPointName OPTIONAL, reasons [1] ReasonFlags OPTIONAL,
 *   cRLIssuer [2] GeneralNames OPTIONAL }
 * DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] RelativeDistinguishedName }
 */
export const distributionPoints = sequence(
  list(
    sequence(
      struct({
        name: optional(0xa0, anyElement(rest)),
        reasons: optional(0x81, flagContent),
        crlIssuer: optional(0xa2, list(generalName, MOST_NAMES)),
      }),
    ),
    MOST_POINTS,
  ),
)

/** AuthorityInfoAccessSyntax ::= SEQUENCE OF SEQUENCE { accessMethod OBJECT IDENTIFIER, accessLocation GeneralName } */
export const authorityInformation = sequence(
  list(sequence(struct({ method: objectIdentifier, location: generalName })), MOST_POINTS),
)

export const PointerId = {
  CRL_DISTRIBUTION_POINTS: '551d1f',
  FRESHEST_CRL: '551d2e',
  AUTHORITY_INFORMATION: '2b06010505070101',
} as const
export const OCSP_METHOD = '2b06010505073001'

export interface DistributionPoint {
  /** The URLs among its names. */
  readonly urls: readonly string[]
  /** All its names, each as tag and content, to be compared with what a list says of itself. */
  readonly names: readonly string[]
  /** Bit numbers of the reasons it knows of; undefined: all. */
  readonly reasons: ReadonlySet<number> | undefined
  /** Whether another than the certificate's issuer signs the list. */
  readonly isIndirect: boolean
}

export interface RevocationPointers {
  readonly ocsp: readonly string[]
  readonly lists: readonly DistributionPoint[]
  readonly deltas: readonly DistributionPoint[]
  /** The extensions of these that could be read. */
  readonly understood: ReadonlySet<string>
}

/** A URL is ASCII without spaces (RFC 3986 section 2). */
const urlsOf = (names: readonly GeneralName[]): readonly string[] =>
  names
    .filter(({ tag }) => tag === GeneralNameTag.URI)
    .map(({ content }) => latin1Text(content))
    .filter((text) => /^[\x21-\x7e]{1,2048}$/.test(text))

/** A name as text that is equal for equal names. */
export const nameMark = ({ tag, content }: GeneralName): string => `${tag}:${latin1Text(content)}`

const fullNames = list(generalName, MOST_NAMES)

/** The names of a DistributionPointName. Throws DecodeError. */
export const namesOfPoint = (
  name: { readonly tag: number; readonly content: Uint8Array } | undefined,
): readonly GeneralName[] => (name?.tag === FULL_NAME ? decode(fullNames, name.content) : [])

/** Throws DecodeError. */
export const readPoints = (der: Uint8Array): readonly DistributionPoint[] =>
  decode(distributionPoints, der).map(({ name, reasons, crlIssuer }) => {
    const names = namesOfPoint(name)
    return { urls: urlsOf(names), names: names.map(nameMark), reasons, isIndirect: crlIssuer !== undefined }
  })

/** Throws DecodeError. */
const readResponders = (der: Uint8Array): readonly string[] =>
  urlsOf(
    decode(authorityInformation, der)
      .filter(({ method }) => method === OCSP_METHOD)
      .map(({ location }) => location),
  )

/** The value of an extension; nothing where it is absent or damaged: then there is nobody to ask, and `understood` lacks it. */
function lenient<Value>(
  extensions: readonly Extension[],
  id: string,
  read: (der: Uint8Array) => Value,
): Value | undefined {
  const found = extensions.find((extension) => extension.id === id)
  if (found === undefined) return undefined
  try {
    return read(found.value)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

export function readPointers(extensions: readonly Extension[]): RevocationPointers {
  const ocsp = lenient(extensions, PointerId.AUTHORITY_INFORMATION, readResponders)
  const lists = lenient(extensions, PointerId.CRL_DISTRIBUTION_POINTS, readPoints)
  const deltas = lenient(extensions, PointerId.FRESHEST_CRL, readPoints)
  const understood = [
    ...(ocsp === undefined ? [] : [PointerId.AUTHORITY_INFORMATION]),
    ...(lists === undefined ? [] : [PointerId.CRL_DISTRIBUTION_POINTS]),
    ...(deltas === undefined ? [] : [PointerId.FRESHEST_CRL]),
  ]
  return { ocsp: ocsp ?? [], lists: lists ?? [], deltas: deltas ?? [], understood: new Set(understood) }
}
