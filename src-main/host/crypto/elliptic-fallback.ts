/**
 * Key exchange on the curves that BoringSSL lacks, by @noble/curves: ECP-192 (RFC 5114), Brainpool's (RFC 6954) and Curve448
 * (RFC 8031). Slower than a library in C, and in constant time only as far as BigInt goes; used where there is nothing else.
 */
import { randomFillSync } from 'node:crypto'
import { ecdh, weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { x448 } from '@noble/curves/ed448.js'
import { brainpoolP256r1, brainpoolP384r1, brainpoolP512r1 } from '@noble/curves/misc.js'

export interface FallbackPair {
  /** As on the wire: x and y side by side, or u. */
  readonly publicValue: Uint8Array
  /** x, or the product's u; undefined for a point that is not on the curve (RFC 6989 section 2.3) and for a product of zero. */
  sharedSecret(peerValue: Uint8Array): Uint8Array | undefined
  erase(): void
}

/** NIST P-192 (FIPS 186-4 section D.1.2.1). */
const p192 = weierstrass({
  p: 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_ffff_ffff_ffff_ffffn,
  n: 0xffff_ffff_ffff_ffff_ffff_ffff_99de_f836_146b_c9b1_b4d2_2831n,
  h: 1n,
  a: 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_ffff_ffff_ffff_fffcn,
  b: 0x6421_0519_e59c_80e7_0fa7_e9ab_7224_3049_feb8_deec_c146_b9b1n,
  Gx: 0x188d_a80e_b030_90f6_7cbf_20eb_43a1_8800_f4ff_0afd_82ff_1012n,
  Gy: 0x0719_2b95_ffc8_da78_6310_11ed_6b24_cdd5_73f9_77a1_1e79_4811n,
})

/** brainpoolP224r1 (RFC 5639 section 3.3). */
const brainpoolP224r1 = weierstrass({
  p: 0xd7c1_34aa_2643_6686_2a18_3025_75d1_d787_b09f_0757_97da_89f5_7ec8_c0ffn,
  n: 0xd7c1_34aa_2643_6686_2a18_3025_75d0_fb98_d116_bc4b_6dde_bca3_a5a7_939fn,
  h: 1n,
  a: 0x68a5_e62c_a9ce_6c1c_2998_03a6_c153_0b51_4e18_2ad8_b004_2a59_cad2_9f43n,
  b: 0x2580_f63c_cfe4_4138_8707_13b1_a923_69e3_3e21_35d2_66db_b372_386c_400bn,
  Gx: 0x0d90_29ad_2c7e_5cf4_3408_23b2_a87d_c68c_9e4c_e317_4c1e_6efd_ee12_c07dn,
  Gy: 0x58aa_56f7_72c0_726f_24c6_b89e_4ecd_ac24_354b_9e99_caa3_f6d3_7614_02cdn,
})

const curves = {
  prime192v1: p192,
  brainpoolP224r1,
  brainpoolP256r1: brainpoolP256r1.Point,
  brainpoolP384r1: brainpoolP384r1.Point,
  brainpoolP512r1: brainpoolP512r1.Point,
} as const

/** Under OpenSSL's names. */
export type FallbackCurve = keyof typeof curves
export const isFallbackCurve = (name: string): name is FallbackCurve => Object.hasOwn(curves, name)

const UNCOMPRESSED = 0x04

/** Electron's Node has no Web Crypto as a global, which the library would ask. */
const randomBytes = (length = 64): Uint8Array<ArrayBuffer> => randomFillSync(new Uint8Array(length))

/** `privateValue`: instead of a fresh one. */
export function ellipticPair(name: FallbackCurve, privateValue?: Uint8Array): FallbackPair {
  const exchange = ecdh(curves[name], { randomBytes })
  const secret = privateValue?.slice() ?? exchange.utils.randomSecretKey()
  const publicPoint = exchange.getPublicKey(secret, false)
  return {
    publicValue: publicPoint.slice(1),
    sharedSecret(peerValue) {
      if (peerValue.length !== publicPoint.length - 1) return undefined
      try {
        const shared = exchange.getSharedSecret(secret, Uint8Array.of(UNCOMPRESSED, ...peerValue), false)
        return shared.slice(1, 1 + peerValue.length / 2)
      } catch {
        return undefined
      }
    },
    erase: () => void secret.fill(0),
  }
}

const X448_LENGTH = 56

export function x448Pair(privateValue?: Uint8Array): FallbackPair {
  const secret = privateValue?.slice() ?? randomBytes(X448_LENGTH)
  return {
    publicValue: x448.getPublicKey(secret),
    sharedSecret(peerValue) {
      try {
        return x448.getSharedSecret(secret, peerValue)
      } catch {
        // RFC 8031 section 3.2: among others, an all-zero result.
        return undefined
      }
    },
    erase: () => void secret.fill(0),
  }
}
