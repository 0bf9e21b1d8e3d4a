/** Certificates as values: read once, strictly, and never changed (RFC 5280 section 4). */
import { createHash } from 'node:crypto'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { comparableName, formatDistinguishedName } from '../ike/distinguished-name.ts'
import { addressFromBytes, formatAddress } from '../ip/address.ts'
import type { Identity } from '../ports.ts'
import { DecodeError, decode } from '../wire/codec.ts'
import type { Codec, Decoded } from '../wire/codec.ts'
import { latin1Text, toHex } from '../wire/text.ts'
import {
  GeneralNameTag,
  alternativeNames,
  authorityKeyIdentifier,
  basicConstraints,
  certificateFormat,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  signedFormat,
  subjectKeyIdentifier,
} from './certificate-format.ts'
import type { GeneralName } from './certificate-format.ts'
import { readPointers } from './revocation-pointers.ts'
import type { RevocationPointers } from './revocation-pointers.ts'

/** The names under which a certificate's holder is known. */
export interface CertificateNames {
  readonly dns: readonly string[]
  /** Canonical text. */
  readonly ip: readonly string[]
  readonly email: readonly string[]
  /** DER. */
  readonly dn: readonly Uint8Array[]
}

export interface Certificate {
  readonly der: Uint8Array
  /** What the issuer signed: the TBSCertificate. */
  readonly signed: Uint8Array
  /** The AlgorithmIdentifier of its signature, in DER. */
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  /** 1 to 3. */
  readonly version: number
  /** The content of its INTEGER in hexadecimal digits. */
  readonly serialNumber: string
  /** For people: `C=CH, O=Example, CN=gateway`. */
  readonly subject: string
  readonly issuer: string
  readonly subjectDer: Uint8Array
  readonly issuerDer: Uint8Array
  /** Equal for equal names, however they are encoded. */
  readonly subjectKey: string
  readonly issuerKey: string
  /** Milliseconds since 1970; both ends belong to the time of validity. */
  readonly notBefore: number
  readonly notAfter: number
  /** SubjectPublicKeyInfo, in DER. */
  readonly spki: Uint8Array
  /** SHA-1 of the SubjectPublicKeyInfo, as CERTREQ has it (RFC 7296 section 3.7). */
  readonly keyHash: Uint8Array
  /** SHA-256 of the SubjectPublicKeyInfo in base64 (RFC 7469 section 2.4). */
  readonly pin: string
  readonly names: CertificateNames
  /** Every GeneralName of subjectAltName, for name constraints. */
  readonly generalNames: readonly GeneralName[]
  readonly basicConstraints:
    { readonly isAuthority: boolean; readonly pathLength: number | undefined } | undefined
  /** Bit numbers (RFC 5280 section 4.2.1.3); undefined when the extension is absent. */
  readonly keyUsage: ReadonlySet<number> | undefined
  /** Object identifiers in hexadecimal digits; undefined when the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | undefined
  readonly nameConstraints: Decoded<typeof nameConstraints> | undefined
  readonly subjectKeyId: string | undefined
  readonly authorityKeyId: string | undefined
  /** Where its authority says whether it is revoked. */
  readonly revocation: RevocationPointers
  /** Critical extensions that we do not understand, by object identifier in hexadecimal digits. */
  readonly unknownCritical: readonly string[]
}

/** RFC 5280 section 4.2.1; object identifiers in hexadecimal digits. */
const ExtensionId = {
  SUBJECT_KEY_IDENTIFIER: '551d0e',
  KEY_USAGE: '551d0f',
  SUBJECT_ALTERNATIVE_NAME: '551d11',
  BASIC_CONSTRAINTS: '551d13',
  NAME_CONSTRAINTS: '551d1e',
  /** Without an explicit policy demanded, any policy will do (section 6.1.1), so there is nothing to check. */
  CERTIFICATE_POLICIES: '551d20',
  AUTHORITY_KEY_IDENTIFIER: '551d23',
  EXTENDED_KEY_USAGE: '551d25',
} as const

const understood: ReadonlySet<string> = new Set(Object.values(ExtensionId))

/** More than any certificate of use; bounds the work on what a peer sends. */
const MOST_BYTES = 65_536
/** Names are read before anything of the peer's is proven. */
const MOST_NAME_BYTES = 4096

const ipText = (content: Uint8Array): readonly string[] => {
  const address = addressFromBytes(content)
  return address === undefined ? [] : [formatAddress(address)]
}

/** IA5String's printable characters; a name with others is none (CVE-2009-2408: a zero byte in the middle). */
const plainText = (content: Uint8Array): readonly string[] => {
  const text = latin1Text(content)
  return /^[\x21-\x7e]+$/.test(text) ? [text] : []
}

function namesOf(names: readonly GeneralName[]): CertificateNames {
  const contents = (tag: number) => names.flatMap((name) => (name.tag === tag ? [name.content] : []))
  return {
    dns: contents(GeneralNameTag.DNS).flatMap(plainText),
    ip: contents(GeneralNameTag.ADDRESS).flatMap(ipText),
    email: contents(GeneralNameTag.EMAIL).flatMap(plainText),
    dn: contents(GeneralNameTag.DIRECTORY),
  }
}

const equalBytes = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

const nameText = (der: Uint8Array): string => formatDistinguishedName(der) ?? 'a name that cannot be read'

/** Throws DecodeError. */
function read(der: Uint8Array): Certificate | string {
  const outer = decode(certificateFormat, der)
  const inner = decode(signedFormat, outer.signed)
  // RFC 5280 section 4.1.1.2: the algorithm named outside is the one that is signed.
  if (!equalBytes(outer.algorithm, inner.algorithm)) return 'its two signature algorithms differ'
  const extensions = inner.extensions ?? []
  const version = (inner.version ?? 0) + 1
  if (extensions.length > 0 && version !== 3) return 'it has extensions without being of version 3'
  // RFC 5280 section 4.2: each extension once.
  if (new Set(extensions.map(({ id }) => id)).size !== extensions.length) return 'it has an extension twice'
  if (Math.max(inner.issuer.length, inner.subject.length) > MOST_NAME_BYTES)
    return 'it has a name that is too long'
  const subjectKey = comparableName(inner.subject)
  const issuerKey = comparableName(inner.issuer)
  if (subjectKey === undefined || issuerKey === undefined) return 'it has a name that cannot be read'

  const extension = <Value>(id: string, format: Codec<Value>): Value | undefined => {
    const found = extensions.find((candidate) => candidate.id === id)
    return found && decode(format, found.value)
  }
  const hexOf = (bytes: Uint8Array | undefined) => bytes && toHex(bytes)
  const constraints = extension(ExtensionId.BASIC_CONSTRAINTS, basicConstraints)
  const pointers = readPointers(extensions)
  const generalNames = extension(ExtensionId.SUBJECT_ALTERNATIVE_NAME, alternativeNames) ?? []
  return {
    der,
    signed: outer.signed,
    signatureAlgorithm: outer.algorithm,
    signature: outer.signature,
    version,
    serialNumber: toHex(inner.serialNumber),
    subject: nameText(inner.subject),
    issuer: nameText(inner.issuer),
    subjectDer: inner.subject,
    issuerDer: inner.issuer,
    subjectKey,
    issuerKey,
    notBefore: inner.validity.notBefore,
    notAfter: inner.validity.notAfter,
    spki: inner.publicKey,
    keyHash: createHash('sha1').update(inner.publicKey).digest(),
    pin: createHash('sha256').update(inner.publicKey).digest('base64'),
    names: namesOf(generalNames),
    generalNames,
    basicConstraints: constraints && {
      isAuthority: constraints.isAuthority ?? false,
      pathLength: constraints.pathLength,
    },
    keyUsage: extension(ExtensionId.KEY_USAGE, keyUsage),
    extendedKeyUsage: extension(ExtensionId.EXTENDED_KEY_USAGE, extendedKeyUsage),
    nameConstraints: extension(ExtensionId.NAME_CONSTRAINTS, nameConstraints),
    subjectKeyId: hexOf(extension(ExtensionId.SUBJECT_KEY_IDENTIFIER, subjectKeyIdentifier)),
    authorityKeyId: hexOf(extension(ExtensionId.AUTHORITY_KEY_IDENTIFIER, authorityKeyIdentifier)?.key),
    revocation: pointers,
    unknownCritical: extensions
      .filter(({ id, critical }) => critical === true && !understood.has(id) && !pointers.understood.has(id))
      .map(({ id }) => id),
  }
}

/** The certificate that these bytes are, in memory of its own. The error says what is wrong, for people. */
export function parseCertificate(der: Uint8Array): Result<Certificate, string> {
  if (der.length > MOST_BYTES) return fail('it is too large')
  try {
    const found = read(der.slice())
    return typeof found === 'string' ? fail(found) : ok(found)
  } catch (error) {
    if (error instanceof DecodeError) return fail(`it is not a certificate in DER (${error.message})`)
    throw error
  }
}

/** Who signed, as far as names and key identifiers tell: the signature itself decides. */
export const mayHaveIssued = (issuer: Certificate, subject: Certificate): boolean =>
  (subject.authorityKeyId === undefined ||
    issuer.subjectKeyId === undefined ||
    subject.authorityKeyId === issuer.subjectKeyId) &&
  issuer.subjectKey === subject.issuerKey

/**
 * Who the holder of this certificate is when the profile does not say: the subject, as strongSwan and Windows do; where it
 * is empty, the first alternative name (RFC 4945 section 3.1: the ID has to be in the certificate).
 */
export function defaultIdentity(certificate: Certificate): Identity {
  const { names, subject, subjectDer } = certificate
  const [name] = names.dns
  const [email] = names.email
  if (subject === '' && email !== undefined) return { kind: 'email', name: email }
  if (subject === '' && name !== undefined) return { kind: 'fqdn', name }
  return { kind: 'dn', der: subjectDer }
}

const pemBlock =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]*)-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g

/**
 * The certificates of a PEM text (one or more; other blocks and text are passed over) or of DER (one), as DER.
 * They are not looked into; the error says what is wrong, for people.
 */
export function readCertificates(input: string | Uint8Array): Result<readonly Uint8Array[], string> {
  const text = typeof input === 'string' ? input : latin1Text(input.subarray(0, 64))
  if (typeof input !== 'string' && input[0] === 0x30 && !text.includes('-----')) return ok([input.slice()])
  const whole = typeof input === 'string' ? input : latin1Text(input)
  const blocks = [...whole.matchAll(pemBlock)].map(([, body = '']) => body.replace(/\s+/g, ''))
  if (blocks.length === 0) return fail('it holds no certificate in PEM or DER')
  if (!blocks.every((body) => /^[A-Za-z0-9+/]+={0,2}$/.test(body))) return fail('its base64 is damaged')
  return ok(blocks.map((body) => new Uint8Array(Buffer.from(body, 'base64'))))
}
