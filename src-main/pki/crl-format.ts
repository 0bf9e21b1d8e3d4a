/** The format of a list of revoked certificates (RFC 5280 section 5). Byte fields are views. */
import { struct } from '../wire/codec.ts'
import { SEQUENCE, anyElement, element } from '../wire/der.ts'
import { list, rest } from '../wire/sequences.ts'
import {
  BIT_STRING,
  ENUMERATED,
  INTEGER,
  booleanContent,
  countContent,
  flagContent,
  octetsContent,
  optional,
  optionalTime,
  sequence,
  time,
  whole,
} from './asn1.ts'
import { extensions } from './certificate-format.ts'

/** More than fit into the largest list that is fetched. */
const MOST_ENTRIES = 200_000

/** CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue BIT STRING } */
export const listFormat = sequence(
  struct({
    signed: whole(SEQUENCE),
    algorithm: whole(SEQUENCE),
    signature: element(BIT_STRING, octetsContent),
  }),
)

/** SEQUENCE { userCertificate CertificateSerialNumber, revocationDate Time, crlEntryExtensions Extensions OPTIONAL } */
const entry = sequence(
  struct({ serialNumber: element(INTEGER, rest), date: time, extensions: optional(SEQUENCE, rest) }),
)

/*
 * TBSCertList ::= SEQUENCE { version OPTIONAL, signature, issuer, thisUpdate, nextUpdate OPTIONAL,
 *   revokedCertificates SEQUENCE OF … OPTIONAL, [0] crlExtensions OPTIONAL }
 */
export const signedListFormat = sequence(
  struct({
    version: optional(INTEGER, countContent),
    algorithm: whole(SEQUENCE),
    issuer: whole(SEQUENCE),
    thisUpdate: time,
    nextUpdate: optionalTime,
    entries: optional(SEQUENCE, list(entry, MOST_ENTRIES)),
    extensions: optional(0xa0, extensions),
  }),
)

/*
 * IssuingDistributionPoint ::= SEQUENCE { [0] distributionPoint OPTIONAL, [1] onlyContainsUserCerts, [2] onlyContainsCACerts,
 *   [3] onlySomeReasons OPTIONAL, [4] indirectCRL, [5] onlyContainsAttributeCerts: BOOLEAN DEFAULT FALSE }   (section 5.2.5)
 */
export const issuingDistributionPoint = sequence(
  struct({
    name: optional(0xa0, anyElement(rest)),
    onlyUsers: optional(0x81, booleanContent),
    onlyAuthorities: optional(0x82, booleanContent),
    onlyReasons: optional(0x83, flagContent),
    isIndirect: optional(0x84, booleanContent),
    onlyAttributes: optional(0x85, booleanContent),
  }),
)

/** CRLNumber and BaseCRLNumber: INTEGER, of 20 octets at most (section 5.2.3). */
export const listNumber = element(INTEGER, rest)

/** CRLReason ::= ENUMERATED (section 5.3.1) */
export const reasonCode = element(ENUMERATED, countContent)

/** Section 5.3.1. */
export const Reason = { CERTIFICATE_HOLD: 6, REMOVE_FROM_LIST: 8 } as const
const reasonWords: ReadonlyMap<number, string> = new Map([
  [1, 'its key was compromised'],
  [2, "its authority's key was compromised"],
  [3, 'its holder has changed'],
  [4, 'it was superseded'],
  [5, 'it is no longer used'],
  [6, 'it is on hold'],
  [9, 'a right of its holder was withdrawn'],
  [10, "its authority's key was compromised"],
])

/** A reason for people; undefined where none is given, and for 0, which gives none. */
export const reasonText = (code: number | undefined): string | undefined =>
  code === undefined ? undefined : reasonWords.get(code)
