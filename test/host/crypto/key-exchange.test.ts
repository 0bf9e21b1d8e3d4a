import { describe, expect, it } from 'vitest'
import { ellipticPair, x448Pair } from '../../../src-main/host/crypto/elliptic-fallback.ts'
import type { FallbackPair } from '../../../src-main/host/crypto/elliptic-fallback.ts'
import { createKeyExchange } from '../../../src-main/host/crypto/key-exchange.ts'
import { groups } from '../../../src-main/ike/groups.ts'
import type { GroupName } from '../../../src-shared/algorithms.ts'
import ellipticVectors from '../../vectors/elliptic.json' with { type: 'json' }
import modpVectors from '../../vectors/modp.json' with { type: 'json' }
import { hex, toHex } from './bytes.ts'

const everyGroup: readonly GroupName[] = [
  'modp2048',
  'modp3072',
  'modp4096',
  'ecp256',
  'ecp384',
  'ecp521',
  'curve25519',
  'curve448',
  'ecp192',
  'ecp224',
  'ecp224bp',
  'ecp256bp',
  'ecp384bp',
  'ecp512bp',
]

interface EllipticVector {
  readonly note: string
  readonly group: GroupName
  readonly initiatorPrivate: string
  readonly initiatorPublic: string
  readonly responderPrivate: string
  readonly responderPublic: string
  readonly sharedSecret: string
}

const refusal = { ok: false, error: 'invalid-public-value' }

describe.each(everyGroup)('key exchange in %s', (group) => {
  const exchange = createKeyExchange(group)

  it('gives both sides the same secret, in the lengths that the group has', () => {
    const offer = exchange.initiate()
    const answer = exchange.respond(offer.publicValue)
    if (!answer.ok) throw new Error('a good value refused')
    const secret = offer.complete(answer.value.publicValue)
    expect(secret).toEqual({ ok: true, value: answer.value.sharedSecret })
    expect(offer.publicValue).toHaveLength(groups[group].publicValueLength)
    expect(answer.value.publicValue).toHaveLength(groups[group].publicValueLength)
    expect(answer.value.sharedSecret).toHaveLength(groups[group].sharedSecretLength)
  })

  it('uses a private value once', () => {
    const first = exchange.initiate()
    const second = exchange.initiate()
    expect(toHex(first.publicValue)).not.toBe(toHex(second.publicValue))
    first.complete(second.publicValue)
    expect(() => first.complete(second.publicValue)).toThrow('once')
    second.discard()
    expect(() => second.complete(first.publicValue)).toThrow('once')
  })

  it('keeps several exchanges of one group apart', () => {
    const [first, second] = [exchange.initiate(), exchange.initiate()]
    const answer = exchange.respond(first.publicValue)
    const other = exchange.respond(second.publicValue)
    if (!answer.ok || !other.ok) throw new Error('a good value refused')
    expect(second.complete(other.value.publicValue)).toEqual({ ok: true, value: other.value.sharedSecret })
    expect(first.complete(answer.value.publicValue)).toEqual({ ok: true, value: answer.value.sharedSecret })
  })

  it('refuses public values of another length, and zero', () => {
    const { publicValueLength } = groups[group]
    const good = exchange.initiate().publicValue
    for (const bad of [
      new Uint8Array(),
      good.slice(1),
      Uint8Array.of(0, ...good),
      Uint8Array.of(4, ...good),
      new Uint8Array(publicValueLength),
    ]) {
      expect(exchange.respond(bad)).toEqual(refusal)
      expect(exchange.initiate().complete(bad)).toEqual(refusal)
    }
  })
})

describe('MODP groups', () => {
  it.each(modpVectors)('agree with a recomputation: $group $note', (vector) => {
    const group = everyGroup.find((name) => name === vector.group) ?? 'curve25519'
    const offer = createKeyExchange(group, hex(vector.initiatorPrivate)).initiate()
    expect(toHex(offer.publicValue)).toBe(vector.initiatorPublic)
    const answer = createKeyExchange(group, hex(vector.responderPrivate)).respond(offer.publicValue)
    expect(answer).toEqual({
      ok: true,
      value: { publicValue: hex(vector.responderPublic), sharedSecret: hex(vector.sharedSecret) },
    })
    expect(offer.complete(hex(vector.responderPublic))).toEqual({ ok: true, value: hex(vector.sharedSecret) })
  })

  // RFC 6989 section 2.1
  it.each(modpVectors)('refuse 0, 1, p - 1, p and more: $group', (vector) => {
    const group = everyGroup.find((name) => name === vector.group) ?? 'curve25519'
    const exchange = createKeyExchange(group)
    const prime = hex(vector.prime)
    const near = (distance: number): Uint8Array => {
      const value = BigInt(`0x${vector.prime}`) + BigInt(distance)
      return hex(value.toString(16).padStart(prime.length * 2, '0'))
    }
    const one = new Uint8Array(prime.length)
    one.set([1], one.length - 1)
    const two = new Uint8Array(prime.length)
    two.set([2], two.length - 1)
    for (const bad of [one, near(-1), near(0), near(1), new Uint8Array(prime.length).fill(0xff)]) {
      expect(exchange.respond(bad)).toEqual(refusal)
    }
    expect(exchange.respond(two).ok).toBe(true)
    expect(exchange.respond(near(-2)).ok).toBe(true)
  })
})

// RFC 5903 section 8
const ecpVectors = [
  {
    group: 'ecp256',
    i: 'C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433',
    gi: `DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180
      5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3`,
    r: 'C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53',
    gr: `D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63
      56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB`,
    girx: 'D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE',
  },
  {
    group: 'ecp384',
    i: '099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194',
    gi: `667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AEE95F41AA
      9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C634573A81C`,
    r: '41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC',
    gr: `E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D0D1AC43A0336DEF96FDA41D0774A3571
      DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD96DB9E6386C`,
    girx: '11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746',
  },
  {
    group: 'ecp521',
    i: `0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A095AA85A30FE1C2952C6771D937BA9777
      F5957B2639BAB072462F68C27A57382D4A52`,
    gi: `0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBEE1E3BF42E00B8E380AEAE57C2D107564
      941885942AF5A7F4601723C4195D176CED3E
      017CAE20B6641D2EEB695786D8C946146239D099E18E1D5A514C739D7CB4A10AD8A788015AC405D7799DC75E7B7D5B6C
      F2261A6A7F1507438BF01BEB6CA3926F9582`,
    r: `0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E9C677D600B343757A3BDBF2A3163E4C2
      F869CCA7458AA4A4EFFC311F5CB151685EB9`,
    gr: `00D0B3975AC4B799F5BEA16D5E13E9AF971D5E9B984C9F39728B5E5739735A219B97C356436ADC6E95BB0352F6BE64A6
      C2912D4EF2D0433CED2B6171640012D9460F
      015C68226383956E3BD066E797B623C27CE0EAC2F551A10C2C724D9852077B87220B6536C5C408A1D2AEBB8E86D678AE
      49CB57091F4732296579AB44FCD17F0FC56A`,
    girx: `01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04D1427E73CA4BAA240A34786859810C06
      B3C715A3A8CC3151F2BEE417996D19F3DDEA`,
  },
] as const

describe('ECP groups', () => {
  it.each(ecpVectors)('agree with RFC 5903 section 8: $group', ({ group, i, gi, r, gr, girx }) => {
    const offer = createKeyExchange(group, hex(i)).initiate()
    expect(offer.publicValue).toEqual(hex(gi))
    expect(createKeyExchange(group, hex(r)).respond(hex(gi))).toEqual({
      ok: true,
      value: { publicValue: hex(gr), sharedSecret: hex(girx) },
    })
    expect(offer.complete(hex(gr))).toEqual({ ok: true, value: hex(girx) })
  })

  // RFC 6989 section 2.3
  it.each(ecpVectors)('refuse points off the curve: $group', ({ group, gr }) => {
    const exchange = createKeyExchange(group)
    const point = hex(gr)
    const half = point.length / 2
    const offCurve = point.slice()
    offCurve.set([(point.at(-1) ?? 0) ^ 1], point.length - 1)
    const swapped = Uint8Array.of(...point.slice(half), ...point.slice(0, half))
    const tooLarge = point.slice()
    tooLarge.fill(0xff, 0, half)
    for (const bad of [offCurve, swapped, tooLarge, new Uint8Array(point.length).fill(0xff)]) {
      expect(exchange.respond(bad)).toEqual(refusal)
    }
  })
})

describe('Curve25519', () => {
  it('agrees with RFC 7748 section 6.1', () => {
    const alice = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
    const alicePublic = hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')
    const bob = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
    const bobPublic = hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
    const sharedSecret = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742')
    const offer = createKeyExchange('curve25519', alice).initiate()
    expect(offer.publicValue).toEqual(alicePublic)
    expect(createKeyExchange('curve25519', bob).respond(alicePublic)).toEqual({
      ok: true,
      value: { publicValue: bobPublic, sharedSecret },
    })
    expect(offer.complete(bobPublic)).toEqual({ ok: true, value: sharedSecret })
  })

  // The points of small order, every one of which gives the all-zero secret (RFC 8031 section 3.1).
  it.each([
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`,
  ])('refuses the point %s', (point) => {
    expect(createKeyExchange('curve25519').respond(hex(point))).toEqual(refusal)
    expect(createKeyExchange('curve25519').initiate().complete(hex(point))).toEqual(refusal)
  })
})

describe('the other elliptic curves', () => {
  const vectors = ellipticVectors as readonly EllipticVector[]

  it.each(vectors.map((vector) => [vector.note, vector] as const))('agree with %s', (_, vector) => {
    const { group, initiatorPublic, responderPublic, sharedSecret } = vector
    const offer = createKeyExchange(group, hex(vector.initiatorPrivate)).initiate()
    expect(toHex(offer.publicValue)).toBe(initiatorPublic)
    expect(createKeyExchange(group, hex(vector.responderPrivate)).respond(hex(initiatorPublic))).toEqual({
      ok: true,
      value: { publicValue: hex(responderPublic), sharedSecret: hex(sharedSecret) },
    })
    expect(offer.complete(hex(responderPublic))).toEqual({ ok: true, value: hex(sharedSecret) })
  })

  // RFC 6989 section 2.3
  it.each(vectors.filter(({ group }) => group !== 'curve448'))(
    'refuse points off the curve: $group',
    ({ group, responderPublic }) => {
      const exchange = createKeyExchange(group)
      const point = hex(responderPublic)
      const half = point.length / 2
      const offCurve = point.slice()
      offCurve.set([(point.at(-1) ?? 0) ^ 1], point.length - 1)
      const swapped = Uint8Array.of(...point.slice(half), ...point.slice(0, half))
      const tooLarge = point.slice()
      tooLarge.fill(0xff, 0, half)
      for (const bad of [offCurve, swapped, tooLarge, new Uint8Array(point.length).fill(0xff)]) {
        expect(exchange.respond(bad)).toEqual(refusal)
      }
    },
  )

  // u = 0, 1 and p - 1 give the all-zero secret (RFC 8031 section 3.2).
  it.each(['00'.repeat(56), `01${'00'.repeat(55)}`, `fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}`])(
    'refuse the point %s of Curve448',
    (point) => {
      expect(createKeyExchange('curve448').respond(hex(point))).toEqual(refusal)
    },
  )
})

describe('the curves in TypeScript', () => {
  const curves: Readonly<Record<string, (privateValue?: Uint8Array) => FallbackPair>> = {
    ecp192: (privateValue) => ellipticPair('prime192v1', privateValue),
    ecp224bp: (privateValue) => ellipticPair('brainpoolP224r1', privateValue),
    ecp256bp: (privateValue) => ellipticPair('brainpoolP256r1', privateValue),
    ecp384bp: (privateValue) => ellipticPair('brainpoolP384r1', privateValue),
    ecp512bp: (privateValue) => ellipticPair('brainpoolP512r1', privateValue),
    curve448: x448Pair,
  }

  it.each(
    (ellipticVectors as readonly EllipticVector[])
      .filter(({ group }) => curves[group] !== undefined)
      .map((vector) => [vector.note, vector] as const),
  )('agree with %s', (_, vector) => {
    const make = curves[vector.group] ?? x448Pair
    const pair = make(hex(vector.initiatorPrivate))
    const publicValue = hex(vector.responderPublic)
    expect(toHex(pair.publicValue)).toBe(vector.initiatorPublic)
    expect(toHex(pair.sharedSecret(publicValue))).toBe(vector.sharedSecret)
    const off = publicValue.slice()
    off.set([(off.at(-1) ?? 0) ^ 1], off.length - 1)
    if (vector.group !== 'curve448') expect(pair.sharedSecret(off)).toBeUndefined()
    expect(pair.sharedSecret(publicValue.slice(1))).toBeUndefined()
    expect(pair.sharedSecret(new Uint8Array(publicValue.length))).toBeUndefined()
    const [one, other] = [make(), make()]
    expect(one.sharedSecret(other.publicValue)).toEqual(other.sharedSecret(one.publicValue))
  })
})
