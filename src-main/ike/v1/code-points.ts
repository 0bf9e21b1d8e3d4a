/** The numbers of ISAKMP, IKEv1 and the IPsec DOI (RFC 2408, 2409, 2407), as IANA's registries have them. */

export const VERSION = { major: 1, minor: 0 } as const

/** RFC 2408 section 3.1, RFC 2409 appendix A, draft-ietf-ipsec-isakmp-mode-cfg-05 section 3.1. */
export const Exchange = {
  MAIN: 2,
  AGGRESSIVE: 4,
  INFORMATIONAL: 5,
  TRANSACTION: 6,
  QUICK: 32,
  NEW_GROUP: 33,
} as const

/** The flags of the header (RFC 2408 section 3.1). */
export const Flag = { ENCRYPTION: 1, COMMIT: 2, AUTHENTICATION_ONLY: 4 } as const

/** RFC 2408 section 3.1, RFC 3947, the drafts before it, and the vendors' own. */
export const PayloadNumber = {
  SA: 1,
  PROPOSAL: 2,
  TRANSFORM: 3,
  KE: 4,
  ID: 5,
  CERT: 6,
  CERTREQ: 7,
  HASH: 8,
  SIG: 9,
  NONCE: 10,
  NOTIFICATION: 11,
  DELETE: 12,
  VENDOR_ID: 13,
  ATTRIBUTES: 14,
  NAT_D: 20,
  NAT_OA: 21,
  NAT_D_DRAFT: 130,
  NAT_OA_DRAFT: 131,
  FRAGMENT: 132,
} as const

/** RFC 2407 section 4.4.1. */
export const Protocol = { ISAKMP: 1, AH: 2, ESP: 3, IPCOMP: 4 } as const

/** The IPsec DOI and its only situation in use (RFC 2407 sections 4.1 and 4.2.1). */
export const IPSEC_DOI = 1
export const SIT_IDENTITY_ONLY = 1

/** The one transform of phase 1 (RFC 2407 section 4.4.2). */
export const KEY_IKE = 1

/** Attribute types of a phase 1 transform (RFC 2409 appendix A). */
export const Phase1Attribute = {
  ENCRYPTION: 1,
  HASH: 2,
  AUTHENTICATION: 3,
  GROUP: 4,
  GROUP_TYPE: 5,
  GROUP_PRIME: 6,
  GROUP_GENERATOR_ONE: 7,
  LIFE_TYPE: 11,
  LIFE_DURATION: 12,
  PRF: 13,
  KEY_LENGTH: 14,
} as const

/** RFC 2409 appendix A; the IANA registry "Internet Key Exchange (IKE) Attributes". */
export const Phase1Encryption = {
  DES_CBC: 1,
  IDEA: 2,
  BLOWFISH: 3,
  RC5: 4,
  '3DES_CBC': 5,
  CAST: 6,
  AES_CBC: 7,
  CAMELLIA_CBC: 8,
} as const

export const Phase1Hash = { MD5: 1, SHA1: 2, TIGER: 3, SHA2_256: 4, SHA2_384: 5, SHA2_512: 6 } as const

/** RFC 2409 appendix A, RFC 4754, draft-ietf-ipsec-isakmp-xauth-06, draft-ietf-ipsec-isakmp-hybrid-auth-05. */
export const AuthenticationMethod = {
  PSK: 1,
  DSS: 2,
  RSA_SIGNATURE: 3,
  RSA_ENCRYPTION: 4,
  RSA_REVISED_ENCRYPTION: 5,
  ECDSA_256: 9,
  ECDSA_384: 10,
  ECDSA_521: 11,
  HYBRID_INIT_RSA: 64221,
  HYBRID_RESP_RSA: 64222,
  HYBRID_INIT_DSS: 64223,
  HYBRID_RESP_DSS: 64224,
  XAUTH_INIT_PSK: 65001,
  XAUTH_RESP_PSK: 65002,
  XAUTH_INIT_DSS: 65003,
  XAUTH_RESP_DSS: 65004,
  XAUTH_INIT_RSA: 65005,
  XAUTH_RESP_RSA: 65006,
  XAUTH_INIT_RSA_ENCRYPTION: 65007,
  XAUTH_RESP_RSA_ENCRYPTION: 65008,
  XAUTH_INIT_RSA_REVISED: 65009,
  XAUTH_RESP_RSA_REVISED: 65010,
} as const

/** RFC 2409 appendix A (phase 1) and RFC 2407 section 4.5 (phase 2). */
export const LifeType = { SECONDS: 1, KILOBYTES: 2 } as const

/** Attribute types of a phase 2 transform (RFC 2407 section 4.5). */
export const Phase2Attribute = {
  LIFE_TYPE: 1,
  LIFE_DURATION: 2,
  GROUP: 3,
  MODE: 4,
  AUTHENTICATION: 5,
  KEY_LENGTH: 6,
  KEY_ROUNDS: 7,
  EXTENDED_SEQUENCE_NUMBERS: 11,
} as const

/** RFC 2407 section 4.5, RFC 3947 section 5.1, and the drafts' numbers before it. */
export const EncapsulationMode = {
  TUNNEL: 1,
  TRANSPORT: 2,
  UDP_TUNNEL: 3,
  UDP_TRANSPORT: 4,
  UDP_TUNNEL_DRAFT: 61443,
  UDP_TRANSPORT_DRAFT: 61444,
} as const

/** ESP transforms (RFC 2407 section 4.4.4, RFC 3602, RFC 3686, RFC 4106 …). */
export const EspTransform = {
  DES: 2,
  '3DES': 3,
  RC5: 4,
  IDEA: 5,
  CAST: 6,
  BLOWFISH: 7,
  NULL: 11,
  AES_CBC: 12,
  AES_CTR: 13,
  AES_CCM_8: 14,
  AES_CCM_12: 15,
  AES_CCM_16: 16,
  AES_GCM_8: 18,
  AES_GCM_12: 19,
  AES_GCM_16: 20,
  CAMELLIA: 22,
  NULL_AUTH_AES_GMAC: 23,
} as const

/** Authentication algorithms of ESP (RFC 2407 section 4.5, RFC 4868). */
export const EspAuthentication = {
  HMAC_MD5: 1,
  HMAC_SHA1: 2,
  HMAC_SHA2_256: 5,
  HMAC_SHA2_384: 6,
  HMAC_SHA2_512: 7,
  AES_XCBC_MAC: 9,
} as const

/** ID payload types (RFC 2407 section 4.6.2.1); single ones as in version 2, and these for quick mode. */
export const IdentityType = {
  IPV4_SUBNET: 4,
  IPV6_SUBNET: 6,
  IPV4_RANGE: 7,
  IPV6_RANGE: 8,
  IPV4: 1,
  IPV6: 5,
} as const

/** Error types below 16384 (RFC 2408 section 3.14.1), status types above (RFC 2407 section 4.6.3, RFC 3706). */
export const Notification = {
  INVALID_PAYLOAD_TYPE: 1,
  DOI_NOT_SUPPORTED: 2,
  SITUATION_NOT_SUPPORTED: 3,
  INVALID_COOKIE: 4,
  INVALID_MAJOR_VERSION: 5,
  INVALID_EXCHANGE_TYPE: 7,
  INVALID_FLAGS: 8,
  INVALID_MESSAGE_ID: 9,
  INVALID_PROTOCOL_ID: 10,
  INVALID_SPI: 11,
  INVALID_TRANSFORM_ID: 12,
  ATTRIBUTES_NOT_SUPPORTED: 13,
  NO_PROPOSAL_CHOSEN: 14,
  BAD_PROPOSAL_SYNTAX: 15,
  PAYLOAD_MALFORMED: 16,
  INVALID_KEY_INFORMATION: 17,
  INVALID_ID_INFORMATION: 18,
  INVALID_CERT_ENCODING: 19,
  INVALID_CERTIFICATE: 20,
  CERT_TYPE_UNSUPPORTED: 21,
  INVALID_CERT_AUTHORITY: 22,
  INVALID_HASH_INFORMATION: 23,
  AUTHENTICATION_FAILED: 24,
  INVALID_SIGNATURE: 25,
  ADDRESS_NOTIFICATION: 26,
  UNEQUAL_PAYLOAD_LENGTHS: 30,
  CONNECTED: 16384,
  RESPONDER_LIFETIME: 24576,
  REPLAY_STATUS: 24577,
  INITIAL_CONTACT: 24578,
  R_U_THERE: 36136,
  R_U_THERE_ACK: 36137,
} as const

const namesOf = (table: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(table).map(([name, number]) => [number, name]))

const exchangeNames = namesOf(Exchange)
const notificationNames = namesOf(Notification)
const payloadNames = namesOf(PayloadNumber)

/** The names as the RFCs have them, for logs and the exchange view; unknown ones as numbers. */
export const exchangeName = (number: number): string => exchangeNames.get(number) ?? `exchange ${number}`
export const notificationName = (number: number): string =>
  notificationNames.get(number) ?? `notification ${number}`
export const payloadName = (number: number): string => payloadNames.get(number) ?? `payload ${number}`

/** The number of a notification by its name in the RFC. */
export const notificationNamed = (name: string): number | undefined =>
  Object.entries(Notification).find(([other]) => other === name)?.[1]

/** RFC 2408 section 3.14.1: below this an error. */
export const FIRST_STATUS = 16384

/** Message types of a transaction (draft-ietf-ipsec-isakmp-mode-cfg-05 section 3.2). */
export const TransactionType = { REQUEST: 1, REPLY: 2, SET: 3, ACK: 4 } as const

/** Attributes of a transaction: Mode Config, XAUTH and Cisco Unity. */
export const TransactionAttribute = {
  INTERNAL_IP4_ADDRESS: 1,
  INTERNAL_IP4_NETMASK: 2,
  INTERNAL_IP4_DNS: 3,
  INTERNAL_IP4_NBNS: 4,
  INTERNAL_ADDRESS_EXPIRY: 5,
  APPLICATION_VERSION: 7,
  INTERNAL_IP6_ADDRESS: 8,
  INTERNAL_IP6_DNS: 10,
  INTERNAL_IP4_SUBNET: 13,
  XAUTH_TYPE: 16520,
  XAUTH_USER_NAME: 16521,
  XAUTH_USER_PASSWORD: 16522,
  XAUTH_PASSCODE: 16523,
  XAUTH_MESSAGE: 16524,
  XAUTH_CHALLENGE: 16525,
  XAUTH_DOMAIN: 16526,
  XAUTH_STATUS: 16527,
  XAUTH_NEXT_PIN: 16528,
  XAUTH_ANSWER: 16529,
  UNITY_BANNER: 28672,
  UNITY_SAVE_PASSWORD: 28673,
  UNITY_DEF_DOMAIN: 28674,
  UNITY_SPLIT_DNS: 28675,
  UNITY_SPLIT_INCLUDE: 28676,
  UNITY_NATT_PORT: 28677,
  UNITY_LOCAL_LAN: 28678,
  UNITY_PFS: 28679,
  UNITY_FW_TYPE: 28680,
  UNITY_BACKUP_SERVERS: 28681,
  UNITY_DDNS_HOSTNAME: 28682,
} as const

/** XAUTH-TYPE (draft-ietf-ipsec-isakmp-xauth-06 section 4.2). */
export const XauthType = { GENERIC: 0, RADIUS_CHAP: 1, OTP: 2, SKEY: 3 } as const
