/** The format of CMS SignedData (RFC 5652 section 5), which PKCS#7 bundles are too, after BER has become DER. Byte fields are views. */
import { struct } from '../wire/codec.ts'
import { SEQUENCE, SET, anyElement, element } from '../wire/der.ts'
import { list, rest } from '../wire/sequences.ts'
import { INTEGER, OCTET_STRING, countContent, objectIdentifier, optional, sequence, whole } from './asn1.ts'
import { algorithmIdentifier } from './certificate-format.ts'

const MOST_CERTIFICATES = 64
const MOST_SIGNERS = 8
const MOST_ATTRIBUTES = 64

/** ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT ANY } (section 3) */
export const contentInfo = sequence(struct({ type: objectIdentifier, content: element(0xa0, rest) }))

/** IssuerAndSerialNumber ::= SEQUENCE { issuer Name, serialNumber INTEGER } (section 10.2.4) */
export const issuerAndSerial = struct({ issuer: whole(SEQUENCE), serial: element(INTEGER, rest) })

/*
 * SignerInfo ::= SEQUENCE { version, sid, digestAlgorithm, signedAttrs [0] IMPLICIT OPTIONAL, signatureAlgorithm,
 *   signature OCTET STRING, unsignedAttrs [1] IMPLICIT OPTIONAL }; sid: IssuerAndSerialNumber or [0] SubjectKeyIdentifier
 */
const signerInfo = sequence(
  struct({
    version: element(INTEGER, countContent),
    signer: anyElement(rest),
    digest: algorithmIdentifier,
    signedAttributes: optional(0xa0, rest),
    algorithm: whole(SEQUENCE),
    signature: element(OCTET_STRING, rest),
    unsignedAttributes: optional(0xa1, rest),
  }),
)

/*
 * SignedData ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo SEQUENCE { eContentType, eContent [0] EXPLICIT
 *   OCTET STRING OPTIONAL }, certificates [0] IMPLICIT OPTIONAL, crls [1] IMPLICIT OPTIONAL, signerInfos SET OF SignerInfo }
 */
export const signedData = sequence(
  struct({
    version: element(INTEGER, countContent),
    digests: element(SET, rest),
    content: sequence(
      struct({ type: objectIdentifier, content: optional(0xa0, element(OCTET_STRING, rest)) }),
    ),
    certificates: optional(0xa0, list(whole(SEQUENCE), MOST_CERTIFICATES)),
    revocation: optional(0xa1, rest),
    signers: element(SET, list(signerInfo, MOST_SIGNERS)),
  }),
)

/** Attribute ::= SEQUENCE { attrType, attrValues SET OF ANY } */
export const attributes = list(
  sequence(struct({ type: objectIdentifier, values: element(SET, rest) })),
  MOST_ATTRIBUTES,
)

/** Content types and attributes, in hexadecimal digits of their object identifiers. */
export const Pkcs7Id = {
  SIGNED_DATA: '2a864886f70d010702',
  MESSAGE_DIGEST: '2a864886f70d010904',
} as const
