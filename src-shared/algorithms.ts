/** The names of the algorithms, as every part of Culvert speaks of them. Their wire numbers stand in ike/suites.ts. */

export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'

export type PrfName =
  'hmac-md5' | 'hmac-sha1' | 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512' | 'aes-xcbc-128' | 'aes-cmac-128'

export type GroupName =
  | 'modp768'
  | 'modp1024'
  | 'modp1536'
  | 'modp2048'
  | 'modp3072'
  | 'modp4096'
  | 'modp6144'
  | 'modp8192'
  | 'ecp192'
  | 'ecp224'
  | 'ecp256'
  | 'ecp384'
  | 'ecp521'
  | 'ecp224bp'
  | 'ecp256bp'
  | 'ecp384bp'
  | 'ecp512bp'
  | 'curve25519'
  | 'curve448'

/** Block ciphers in CBC mode, which need an integrity algorithm beside them. */
export type CbcName =
  'aes-cbc' | 'camellia-cbc' | '3des-cbc' | 'des-cbc' | 'blowfish-cbc' | 'cast-cbc' | 'idea-cbc' | 'rc5-cbc'

/** Block ciphers in counter mode, which need an integrity algorithm beside them. */
export type CtrName = 'aes-ctr' | 'camellia-ctr'

/** Combined modes, which bring their own integrity; the number at the end is the length of the check value in bytes. */
export type AeadName =
  | 'aes-gcm-8'
  | 'aes-gcm-12'
  | 'aes-gcm-16'
  | 'aes-ccm-8'
  | 'aes-ccm-12'
  | 'aes-ccm-16'
  | 'camellia-ccm-8'
  | 'camellia-ccm-12'
  | 'camellia-ccm-16'
  | 'chacha20-poly1305'

/** Encryption without its key length. `null` and `null-aes-gmac`, which brings its own integrity, leave ESP's payload readable. */
export type EncryptionName = AeadName | CbcName | CtrName | 'null' | 'null-aes-gmac'

/** What kind of cipher a name is, and what it is called among its kind. */
export type CipherKind =
  | { readonly kind: 'aead'; readonly name: AeadName }
  | { readonly kind: 'cbc'; readonly name: CbcName }
  | { readonly kind: 'ctr'; readonly name: CtrName }
  | { readonly kind: 'null' }
  | { readonly kind: 'gmac' }

export function cipherKind(name: EncryptionName): CipherKind {
  switch (name) {
    case 'aes-gcm-8':
    case 'aes-gcm-12':
    case 'aes-gcm-16':
    case 'aes-ccm-8':
    case 'aes-ccm-12':
    case 'aes-ccm-16':
    case 'camellia-ccm-8':
    case 'camellia-ccm-12':
    case 'camellia-ccm-16':
    case 'chacha20-poly1305':
      return { kind: 'aead', name }
    case 'aes-cbc':
    case 'camellia-cbc':
    case '3des-cbc':
    case 'des-cbc':
    case 'blowfish-cbc':
    case 'cast-cbc':
    case 'idea-cbc':
    case 'rc5-cbc':
      return { kind: 'cbc', name }
    case 'aes-ctr':
    case 'camellia-ctr':
      return { kind: 'ctr', name }
    case 'null':
      return { kind: 'null' }
    case 'null-aes-gmac':
      return { kind: 'gmac' }
  }
}

/** The integrity algorithms of IKE, ESP and AH; the number at the end is the length of the check value in bits. */
export type IntegrityName =
  | 'hmac-md5-96'
  | 'hmac-sha1-96'
  | 'hmac-sha256-128'
  | 'hmac-sha384-192'
  | 'hmac-sha512-256'
  | 'aes-xcbc-96'
  | 'aes-cmac-96'

/** MACs made of AES-128, before they are cut. */
export type CipherMacName = 'aes-xcbc' | 'aes-cmac'

/** GMAC as AH has it, where the transform names the key's length (RFC 4543 section 5.2). In ESP it is an encryption algorithm. */
export type GmacName = 'aes-128-gmac' | 'aes-192-gmac' | 'aes-256-gmac'

export type AhIntegrityName = IntegrityName | GmacName

/** How the payload of an ESP SA or of an IKE SA's encrypted payload is protected. */
export interface Protection {
  readonly encryption: EncryptionName
  /**
   * 128, 192 or 256; 256 for ChaCha20-Poly1305, 192 for 3DES and 64 for DES, whose keys carry parity bits; 0 where nothing is
   * encrypted under a key of its own (`null`).
   */
  readonly keyBits: number
  /** Absent exactly where the cipher brings its own. */
  readonly integrity?: IntegrityName
}

/** What an IKE SA has agreed on. */
export interface IkeSuite extends Protection {
  readonly prf: PrfName
  readonly group: GroupName
}

/** What a Child SA has agreed on. */
export interface EspSuite extends Protection {
  /** Perfect forward secrecy: the group of the Child SA's own key exchange; absent in the first Child SA. */
  readonly group?: GroupName
  readonly extendedSequenceNumbers: boolean
}
