/** The numbers of version 2 as the exchange view says them: under their RFC and IANA names. */
import { namesIn, plain } from '../message-words.ts'
import type { Names } from '../message-words.ts'
import {
  AuthenticationMethod,
  CertificateEncoding,
  ConfigurationKind,
  Encryption,
  IdentificationType,
  Integrity,
  KeyExchangeMethod,
  Prf,
  Protocol,
  SequenceNumbers,
  SignatureHash,
  TransformType,
} from './code-points.ts'

export const protocolName = namesIn(Protocol, 'protocol')
export const transformTypeName = namesIn(TransformType, 'type')
export const authenticationMethodName = namesIn(AuthenticationMethod, 'method')
export const identificationTypeName = namesIn(IdentificationType, 'ID type')
export const certificateEncodingName = namesIn(CertificateEncoding, 'encoding')
export const configurationKindName = namesIn(ConfigurationKind, 'CFG type')
export const signatureHashName = namesIn(SignatureHash, 'hash')
const keyExchangeNames = namesIn(KeyExchangeMethod, 'group')

const transformNames: ReadonlyMap<number, Names> = new Map<number, Names>([
  [TransformType.ENCR, namesIn(Encryption, 'cipher')],
  [TransformType.PRF, namesIn(Prf, 'PRF')],
  [TransformType.INTEG, namesIn(Integrity, 'integrity')],
  [TransformType.SN, namesIn(SequenceNumbers, 'sequence numbers')],
])

/** `ENCR_AES_GCM_16`, `PRF_HMAC_SHA2_384`, `ECP_384`: all other types of transform are key exchanges (RFC 9370). */
export const transformName = (type: number, id: number): string =>
  (transformNames.get(type) ?? keyExchangeNames)(id)

/** As people write it: `ECP-384`. */
export const groupWords = (group: number): string => plain(keyExchangeNames(group))
