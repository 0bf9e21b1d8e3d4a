/** The format of an X.509 certificate and of the extensions we understand (RFC 5280 section 4). Byte fields are views. */
import { struct } from '../wire/codec.ts'
import type { Decoded } from '../wire/codec.ts'
import { SEQUENCE, SET, anyElement, element } from '../wire/der.ts'
import { list, rest } from '../wire/sequences.ts'
import {
  BIT_STRING,
  BOOLEAN,
  INTEGER,
  OCTET_STRING,
  booleanContent,
  countContent,
  flagContent,
  objectIdentifier,
  octetsContent,
  optional,
  sequence,
  time,
  whole,
} from './asn1.ts'

const MOST_EXTENSIONS = 64
const MOST_NAMES = 1024
const MOST_PURPOSES = 64
const MOST_NAME_PARTS = 64

/*
 * Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
 */
export const certificateFormat = sequence(
  struct({
    signed: whole(SEQUENCE),
    algorithm: whole(SEQUENCE),
    signature: element(BIT_STRING, octetsContent),
  }),
)

/*
 * Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
 */
const extension = sequence(
  struct({
    id: objectIdentifier,
    critical: optional(BOOLEAN, booleanContent),
    value: element(OCTET_STRING, rest),
  }),
)

/** The content of Extensions. */
export const extensionList = list(extension, MOST_EXTENSIONS)
/** Extensions ::= SEQUENCE OF Extension; also of lists of revoked certificates and of OCSP. */
export const extensions = sequence(extensionList)
export type Extension = Decoded<typeof extension>

/*
 * TBSCertificate ::= SEQUENCE { [0] version DEFAULT v1, serialNumber, signature, issuer, validity, subject,
 *   subjectPublicKeyInfo, [1] issuerUniqueID OPTIONAL, [2] subjectUniqueID OPTIONAL, [3] extensions OPTIONAL }
 */
export const signedFormat = sequence(
  struct({
    version: optional(0xa0, element(INTEGER, countContent)),
    serialNumber: element(INTEGER, rest),
    algorithm: whole(SEQUENCE),
    issuer: whole(SEQUENCE),
    validity: sequence(struct({ notBefore: time, notAfter: time })),
    subject: whole(SEQUENCE),
    publicKey: whole(SEQUENCE),
    issuerUniqueId: optional(0x81, rest),
    subjectUniqueId: optional(0x82, rest),
    extensions: optional(0xa3, extensions),
  }),
)

/** AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL } */
export const algorithmIdentifier = sequence(struct({ algorithm: objectIdentifier, parameters: rest }))

/** SubjectPublicKeyInfo ::= SEQUENCE { algorithm, subjectPublicKey BIT STRING } */
export const publicKeyInfo = sequence(
  struct({ algorithm: algorithmIdentifier, key: element(BIT_STRING, octetsContent) }),
)

/** RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 8017 appendix A.1.1) */
export const rsaPublicKey = sequence(
  struct({ modulus: element(INTEGER, rest), exponent: element(INTEGER, rest) }),
)

/** The tags of GeneralName's choices that we understand (section 4.2.1.6). */
export const GeneralNameTag = { EMAIL: 0x81, DNS: 0x82, DIRECTORY: 0xa4, URI: 0x86, ADDRESS: 0x87 } as const

export const generalName = anyElement(rest)
export type GeneralName = Decoded<typeof generalName>

/** SubjectAltName ::= SEQUENCE OF GeneralName */
export const alternativeNames = sequence(list(generalName, MOST_NAMES))

/** BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
export const basicConstraints = sequence(
  struct({ isAuthority: optional(BOOLEAN, booleanContent), pathLength: optional(INTEGER, countContent) }),
)

/** KeyUsage ::= BIT STRING */
export const keyUsage = element(BIT_STRING, flagContent)
/** Section 4.2.1.3. */
export const KeyUsageBit = {
  DIGITAL_SIGNATURE: 0,
  NON_REPUDIATION: 1,
  KEY_CERT_SIGN: 5,
  CRL_SIGN: 6,
} as const

/** ExtKeyUsageSyntax ::= SEQUENCE OF KeyPurposeId */
export const extendedKeyUsage = sequence(list(objectIdentifier, MOST_PURPOSES))

/** GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL } */
const subtree = sequence(
  struct({ base: generalName, minimum: optional(0x80, countContent), maximum: optional(0x81, rest) }),
)
const subtrees = list(subtree, MOST_NAMES)

/** NameConstraints ::= SEQUENCE { permittedSubtrees [0] OPTIONAL, excludedSubtrees [1] OPTIONAL } */
export const nameConstraints = sequence(
  struct({ permitted: optional(0xa0, subtrees), excluded: optional(0xa1, subtrees) }),
)

/** SubjectKeyIdentifier ::= OCTET STRING; AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] OPTIONAL, … } */
export const subjectKeyIdentifier = element(OCTET_STRING, rest)
export const authorityKeyIdentifier = sequence(struct({ key: optional(0x80, rest), others: rest }))

/** A name as its parts, each of them whole (RDNSequence, section 4.1.2.4). */
export const nameParts = sequence(list(whole(SET), MOST_NAME_PARTS))

/** A name as the attributes of its parts. */
export const nameAttributes = sequence(
  list(
    element(SET, list(sequence(struct({ id: objectIdentifier, value: anyElement(rest) })), MOST_NAME_PARTS)),
    MOST_NAME_PARTS,
  ),
)
