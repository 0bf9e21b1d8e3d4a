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
  | 'ecp256'
  | 'ecp384'
  | 'ecp521'
  | 'curve25519'

/** Block ciphers in CBC mode, which need an integrity algorithm beside them. */
export type CbcName = Extract<EncryptionName, 'des-cbc' | '3des-cbc' | 'aes-cbc'>

/** Encryption without its key length. Combined-mode ciphers bring their own integrity. */
export type EncryptionName = 'des-cbc' | '3des-cbc' | 'aes-cbc' | 'aes-gcm-16' | 'chacha20-poly1305'

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
  /** 128, 192 or 256; 256 for ChaCha20-Poly1305, 192 for 3DES and 64 for DES, whose keys carry parity bits. */
  readonly keyBits: number
  /** Absent exactly with combined-mode ciphers. */
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
