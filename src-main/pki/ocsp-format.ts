/** The formats of OCSP (RFC 6960 section 4). Byte fields are views. */
import { struct } from '../wire/codec.ts'
import type { Decoded } from '../wire/codec.ts'
import { SEQUENCE, anyElement, element } from '../wire/der.ts'
import { list, rest } from '../wire/sequences.ts'
import {
  BIT_STRING,
  ENUMERATED,
  INTEGER,
  OCTET_STRING,
  countContent,
  objectIdentifier,
  octetsContent,
  optional,
  sequence,
  time,
  whole,
} from './asn1.ts'
import { extensions } from './certificate-format.ts'

const MOST_RESPONSES = 64
const MOST_CERTIFICATES = 8

/** CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash OCTET STRING, issuerKeyHash OCTET STRING, serialNumber INTEGER } */
export const certificateId = sequence(
  struct({
    hash: whole(SEQUENCE),
    issuerName: element(OCTET_STRING, rest),
    issuerKey: element(OCTET_STRING, rest),
    serialNumber: element(INTEGER, rest),
  }),
)
export type CertificateId = Decoded<typeof certificateId>

/*
 * OCSPRequest ::= SEQUENCE { tbsRequest, [0] optionalSignature OPTIONAL }
 * TBSRequest ::= SEQUENCE { [0] version DEFAULT v1, [1] requestorName OPTIONAL, requestList SEQUENCE OF Request,
 *   [2] requestExtensions OPTIONAL };  Request ::= SEQUENCE { reqCert CertID, [0] singleRequestExtensions OPTIONAL }
 */
export const ocspRequest = sequence(
  struct({
    signed: sequence(
      struct({
        requests: sequence(
          list(sequence(struct({ id: certificateId, extensions: optional(0xa0, rest) })), MOST_RESPONSES),
        ),
        extensions: optional(0xa2, extensions),
      }),
    ),
    signature: optional(0xa0, rest),
  }),
)

/*
 * OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, [0] responseBytes OPTIONAL }
 * ResponseBytes ::= SEQUENCE { responseType OBJECT IDENTIFIER, response OCTET STRING }
 */
export const ocspResponse = sequence(
  struct({
    status: element(ENUMERATED, countContent),
    bytes: optional(
      0xa0,
      sequence(struct({ type: objectIdentifier, response: element(OCTET_STRING, rest) })),
    ),
  }),
)

/** BasicOCSPResponse ::= SEQUENCE { tbsResponseData, signatureAlgorithm, signature BIT STRING, [0] certs OPTIONAL } */
export const basicResponse = sequence(
  struct({
    signed: whole(SEQUENCE),
    algorithm: whole(SEQUENCE),
    signature: element(BIT_STRING, octetsContent),
    certificates: optional(0xa0, sequence(list(whole(SEQUENCE), MOST_CERTIFICATES))),
  }),
)

/** CertStatus ::= CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL } */
export const StatusTag = { GOOD: 0x80, REVOKED: 0xa1, UNKNOWN: 0x82 } as const

/** RevokedInfo's content: revocationTime, [0] revocationReason OPTIONAL */
export const revokedInfo = struct({
  time,
  reason: optional(0xa0, element(ENUMERATED, countContent)),
})

/*
 * SingleResponse ::= SEQUENCE { certID, certStatus, thisUpdate, [0] nextUpdate OPTIONAL, [1] singleExtensions OPTIONAL }
 */
const singleResponse = sequence(
  struct({
    id: certificateId,
    status: anyElement(rest),
    thisUpdate: time,
    nextUpdate: optional(0xa0, time),
    extensions: optional(0xa1, extensions),
  }),
)

/** ResponderID ::= CHOICE { byName [1] Name, byKey [2] KeyHash } */
export const ResponderTag = { NAME: 0xa1, KEY: 0xa2 } as const
export const keyHash = element(OCTET_STRING, rest)

/*
 * ResponseData ::= SEQUENCE { [0] version DEFAULT v1, responderID, producedAt, responses SEQUENCE OF SingleResponse,
 *   [1] responseExtensions OPTIONAL }
 */
export const responseData = sequence(
  struct({
    version: optional(0xa0, element(INTEGER, countContent)),
    responder: anyElement(rest),
    producedAt: time,
    responses: sequence(list(singleResponse, MOST_RESPONSES)),
    extensions: optional(0xa1, extensions),
  }),
)

/** The nonce's value is an OCTET STRING within the extension's (RFC 9654 section 2.1). */
export const nonce = element(OCTET_STRING, rest)

export const OcspId = {
  BASIC: '2b0601050507300101',
  NONCE: '2b0601050507300102',
  /** id-kp-OCSPSigning */
  SIGNING: '2b06010505070309',
} as const

/** SHA-1 as AlgorithmIdentifier with NULL: it only names the issuer here, and is what every responder knows (RFC 5019 section 2.1.1). */
export const SHA1_IDENTIFIER = '300906052b0e03021a0500'
