/** The format of PKCS#12 files (RFC 7292 section 4), after BER has become DER. Byte fields are views. */
import { struct } from '../wire/codec.ts'
import { SET, anyElement, element } from '../wire/der.ts'
import { list, rest } from '../wire/sequences.ts'
import { INTEGER, OCTET_STRING, countContent, objectIdentifier, optional, sequence } from './asn1.ts'
import { algorithmIdentifier } from './certificate-format.ts'

const MOST_SAFES = 16
const MOST_BAGS = 64

/** ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT ANY } */
const contentInfo = sequence(struct({ type: objectIdentifier, content: element(0xa0, rest) }))

/** DigestInfo ::= SEQUENCE { digestAlgorithm, digest OCTET STRING } */
const digestInfo = sequence(struct({ algorithm: algorithmIdentifier, digest: element(OCTET_STRING, rest) }))

/** MacData ::= SEQUENCE { mac DigestInfo, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 } */
const macData = struct({
  mac: digestInfo,
  salt: element(OCTET_STRING, rest),
  iterations: optional(INTEGER, countContent),
})

/** PFX ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo, macData OPTIONAL } */
export const personalInformation = sequence(
  struct({ version: element(INTEGER, countContent), safe: contentInfo, mac: optional(0x30, macData) }),
)

export const octetString = element(OCTET_STRING, rest)

/** AuthenticatedSafe ::= SEQUENCE OF ContentInfo */
export const authenticatedSafe = sequence(list(contentInfo, MOST_SAFES))

/**
 * EncryptedData ::= SEQUENCE { version, EncryptedContentInfo, … };
 * EncryptedContentInfo ::= SEQUENCE { contentType, algorithm, encryptedContent [0] IMPLICIT OCTET STRING } (RFC 5652 section 8)
 */
export const encryptedData = sequence(
  struct({
    version: element(INTEGER, countContent),
    encrypted: sequence(
      struct({ type: objectIdentifier, encryption: algorithmIdentifier, content: anyElement(rest) }),
    ),
    attributes: rest,
  }),
)
/** What `encryptedContent` is tagged with when it comes in one piece, and in several. */
export const EncryptedContentTag = { WHOLE: 0x80, PIECES: 0xa0 } as const
export const pieces = list(octetString, 65_536)

/** SafeContents ::= SEQUENCE OF SafeBag; SafeBag ::= SEQUENCE { bagId, bagValue [0] EXPLICIT ANY, bagAttributes SET OPTIONAL } */
export const safeContents = sequence(
  list(
    sequence(struct({ type: objectIdentifier, value: element(0xa0, rest), attributes: optional(SET, rest) })),
    MOST_BAGS,
  ),
)

/** CertBag ::= SEQUENCE { certId, certValue [0] EXPLICIT OCTET STRING } */
export const certificateBag = sequence(struct({ type: objectIdentifier, value: element(0xa0, octetString) }))

/** Content types (RFC 5652), bags and certificate types (RFC 7292 sections 4.2 and 4.2.3), in hexadecimal digits. */
export const Pkcs12Id = {
  DATA: '2a864886f70d010701',
  ENCRYPTED_DATA: '2a864886f70d010706',
  KEY_BAG: '2a864886f70d010c0a0101',
  SHROUDED_KEY_BAG: '2a864886f70d010c0a0102',
  CERTIFICATE_BAG: '2a864886f70d010c0a0103',
  X509_CERTIFICATE: '2a864886f70d01091601',
} as const
