import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultProposals, parseProposal } from '../../src-main/ike/proposal-text.ts'
import {
  espProposalsToWire,
  groupsOf,
  ikeProposalsToWire,
  selectEspProposal,
  selectIkeProposal,
  verifyEspChoice,
  verifyIkeChoice,
} from '../../src-main/ike/proposals.ts'
import type { ConfiguredProposal } from '../../src-main/ike/proposal-text.ts'
import { UNUSABLE_TRANSFORM } from '../../src-main/ike/v2/proposal-format.ts'
import type { Proposal, Transform } from '../../src-main/ike/v2/proposal-format.ts'

const configured = (kind: 'ike' | 'esp', ...texts: readonly string[]): readonly ConfiguredProposal[] =>
  texts.map((text) => {
    const result = parseProposal(kind, text)
    if (!result.ok) throw new Error(result.error)
    return result.value
  })

const ike = (...texts: readonly string[]) => configured('ike', ...texts)
const esp = (...texts: readonly string[]) => configured('esp', ...texts)

const none = new Uint8Array()
const spi = Uint8Array.of(1, 2, 3, 4)

const transform = (type: number, id: number, keyBits?: number): Transform => ({
  type,
  id,
  ...(keyBits === undefined ? {} : { keyBits }),
})

const offer = (protocol: number, ...transforms: readonly Transform[]): Proposal => ({
  number: 1,
  protocol,
  spi: protocol === 3 ? spi : none,
  transforms,
})

describe('offering', () => {
  it('writes one proposal for each configured one, numbered from 1', () => {
    expect(ikeProposalsToWire(ike('aes256gcm16-prfsha384-ecp384', 'aes128-sha256-modp2048-ecp256'))).toEqual([
      {
        number: 1,
        protocol: 1,
        spi: none,
        transforms: [transform(1, 20, 256), transform(2, 6), transform(4, 20)],
      },
      {
        number: 2,
        protocol: 1,
        spi: none,
        transforms: [
          transform(1, 12, 128),
          transform(2, 5),
          transform(3, 12),
          transform(4, 14),
          transform(4, 19),
        ],
      },
    ])
  })

  it('puts the group of the KE payload first, where a proposal has it', () => {
    const proposals = ike('aes128-sha256-modp2048-ecp256-x25519', 'aes256-sha256-modp2048')
    const groupIds = ikeProposalsToWire(proposals, 'curve25519', Uint8Array.of(8)).map(({ transforms }) =>
      transforms.filter(({ type }) => type === 4).map(({ id }) => id),
    )
    expect(groupIds).toEqual([[31, 14, 19], [14]])
    expect(groupsOf(proposals)).toEqual(['modp2048', 'ecp256', 'curve25519'])
  })

  // RFC 7634 section 4
  it('gives ChaCha20-Poly1305 no key length', () => {
    const [proposal] = espProposalsToWire(esp('chacha20poly1305-esn'), spi)
    expect(proposal).toEqual(offer(3, transform(1, 28), transform(5, 1)))
  })

  // RFC 7296 section 1.2
  it('has no key exchange for ESP in IKE_AUTH, and no proposal twice', () => {
    const proposals = esp('aes128gcm16-ecp256', 'aes128gcm16', 'aes256-sha256-ecp256')
    expect(espProposalsToWire(proposals, spi).map(({ number, transforms }) => [number, transforms])).toEqual([
      [1, [transform(1, 20, 128), transform(5, 0)]],
      [2, [transform(1, 12, 256), transform(3, 12), transform(5, 0)]],
    ])
    expect(espProposalsToWire(proposals, spi, 'ecp256').map(({ transforms }) => transforms.length)).toEqual([
      3, 2, 4,
    ])
  })
})

describe('checking the answer to our offer', () => {
  const proposals = ike('aes256gcm16-aes128gcm16-prfsha384-prfsha256-ecp384-x25519', 'aes128-sha256-modp2048')
  const answer = (number: number, ...transforms: readonly Transform[]): Proposal => ({
    number,
    protocol: 1,
    spi: none,
    transforms,
  })
  const good = answer(1, transform(1, 20, 128), transform(2, 5), transform(4, 31))

  it('gives the suite', () => {
    expect(verifyIkeChoice(proposals, [good])).toEqual({
      ok: true,
      value: { encryption: 'aes-gcm-16', keyBits: 128, prf: 'hmac-sha256', group: 'curve25519' },
    })
    const second = answer(2, transform(4, 14), transform(3, 12), transform(2, 5), transform(1, 12, 128))
    expect(verifyIkeChoice(proposals, [second])).toEqual({
      ok: true,
      value: {
        encryption: 'aes-cbc',
        keyBits: 128,
        integrity: 'hmac-sha256-128',
        prf: 'hmac-sha256',
        group: 'modp2048',
      },
    })
  })

  // RFC 7296 sections 2.7 and 3.3; security history: nothing that was never offered
  it.each<readonly [string, readonly Proposal[]]>([
    ['no proposal', []],
    ['two proposals', [good, good]],
    ['a number never offered', [{ ...good, number: 3 }]],
    ["another proposal's number", [{ ...good, number: 2 }]],
    ['another protocol', [{ ...good, protocol: 3 }]],
    ['a key length never offered', [answer(1, transform(1, 20, 192), transform(2, 5), transform(4, 31))]],
    ['no key length', [answer(1, transform(1, 20), transform(2, 5), transform(4, 31))]],
    ['a key length of 0', [answer(1, transform(1, 20, 0), transform(2, 5), transform(4, 31))]],
    ['a cipher never offered', [answer(1, transform(1, 28), transform(2, 5), transform(4, 31))]],
    ['a PRF never offered', [answer(1, transform(1, 20, 128), transform(2, 2), transform(4, 31))]],
    ['a key length on a PRF', [answer(1, transform(1, 20, 128), transform(2, 5, 128), transform(4, 31))]],
    ['a group never offered', [answer(1, transform(1, 20, 128), transform(2, 5), transform(4, 14))]],
    ['two groups', [answer(1, transform(1, 20, 128), transform(2, 5), transform(4, 31), transform(4, 20))]],
    [
      'one group twice',
      [answer(1, transform(1, 20, 128), transform(2, 5), transform(4, 31), transform(4, 31))],
    ],
    ['no group', [answer(1, transform(1, 20, 128), transform(2, 5))]],
    ['no PRF', [answer(1, transform(1, 20, 128), transform(4, 31))]],
    ['no cipher', [answer(1, transform(2, 5), transform(4, 31))]],
    ['nothing', [answer(1)]],
    ['integrity beside a combined mode', [answer(1, ...good.transforms, transform(3, 12))]],
    ['no integrity beside another', [answer(2, transform(1, 12, 128), transform(2, 5), transform(4, 14))]],
    ['an additional key exchange', [answer(1, ...good.transforms, transform(6, 35))]],
    ['a transform not understood', [answer(1, ...good.transforms, transform(1, UNUSABLE_TRANSFORM))]],
  ])('refuses %s', (_what, answered) => {
    expect(verifyIkeChoice(proposals, answered).ok).toBe(false)
  })

  it('reads sequence numbers and takes no group in IKE_AUTH', () => {
    const wanted = esp('aes256-sha1-ecp256-esn-noesn')
    const chosen = (...transforms: readonly Transform[]) => [offer(3, ...transforms)]
    const plain = chosen(transform(1, 12, 256), transform(3, 2), transform(5, 1))
    expect(verifyEspChoice(wanted, plain)).toEqual({
      ok: true,
      value: {
        encryption: 'aes-cbc',
        keyBits: 256,
        integrity: 'hmac-sha1-96',
        extendedSequenceNumbers: true,
      },
    })
    expect(
      verifyEspChoice(
        wanted,
        chosen(transform(1, 12, 256), transform(3, 2), transform(5, 1), transform(4, 19)),
      ).ok,
    ).toBe(false)
    // With perfect forward secrecy demanded, an answer without it is refused.
    expect(verifyEspChoice(wanted, plain, 'ecp256').ok).toBe(false)
    expect(verifyEspChoice(wanted, chosen(transform(1, 12, 256), transform(3, 2)))).toMatchObject({
      ok: false,
    })
  })

  it('takes the group that we sent, or none where we offered that', () => {
    const wanted = esp('aes128gcm16-ecp256-ecp384', 'aes128gcm16')
    const chosen = (number: number, ...transforms: readonly Transform[]) => [
      { ...offer(3, transform(1, 20, 128), transform(5, 0), ...transforms), number },
    ]
    expect(verifyEspChoice(wanted, chosen(1, transform(4, 19)), 'ecp256')).toMatchObject({
      ok: true,
      value: { group: 'ecp256' },
    })
    expect(verifyEspChoice(wanted, chosen(1, transform(4, 20)), 'ecp256')).toEqual({
      ok: false,
      error: 'a group chosen that was not the key exchange sent',
    })
    const without = verifyEspChoice(wanted, chosen(2), 'ecp256')
    expect(without.ok && without.value.group).toBe(undefined)
    expect(without.ok).toBe(true)
  })
})

describe('choosing from an offer', () => {
  it('decides by our order and echoes number, protocol and SPI', () => {
    const offered = [
      { ...offer(3, transform(1, 12, 128), transform(3, 12), transform(5, 0)), number: 1 },
      { ...offer(3, transform(1, 28), transform(1, 20, 256), transform(5, 1), transform(5, 0)), number: 2 },
    ]
    expect(
      selectEspProposal(offered, esp('aes256gcm16-chacha20poly1305', 'aes128-sha256'), { withGroup: false }),
    ).toEqual({
      number: 2,
      suite: { encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: false },
      wire: { ...offer(3, transform(1, 20, 256), transform(5, 0)), number: 2 },
    })
  })

  it('can prefer the group that the peer sent along', () => {
    const offered = ikeProposalsToWire(ike('aes128-sha256-ecp256-x25519'))
    const accepted = ike('aes128-sha256-x25519-ecp256')
    expect(selectIkeProposal(offered, accepted)?.suite.group).toBe('curve25519')
    expect(selectIkeProposal(offered, accepted, 'ecp256')?.suite.group).toBe('ecp256')
    expect(selectIkeProposal(offered, accepted, 'modp2048')?.suite.group).toBe('curve25519')
  })

  const accepted = ike('aes128-sha256-modp2048')
  const good = [transform(1, 12, 128), transform(2, 5), transform(3, 12), transform(4, 14)] as const

  // RFC 7296 section 3.3.6
  it.each<readonly [string, Proposal, boolean]>([
    ['all that we accept', offer(1, ...good), true],
    [
      'unknown algorithms beside known ones',
      offer(1, transform(1, 3), transform(2, 8), transform(4, 35), ...good),
      true,
    ],
    [
      'a transform with an attribute not understood',
      offer(1, transform(1, UNUSABLE_TRANSFORM), ...good),
      true,
    ],
    ['an unknown kind of transform', offer(1, ...good, transform(200, 1)), false],
    ['an additional key exchange, even none', offer(1, ...good, transform(6, 0)), false],
    ['sequence numbers in an IKE proposal', offer(1, ...good, transform(5, 0)), false],
    ['another key length', offer(1, transform(1, 12, 256), ...good.slice(1)), false],
    ['no key length', offer(1, transform(1, 12), ...good.slice(1)), false],
    ['no integrity', offer(1, transform(1, 12, 128), transform(2, 5), transform(4, 14)), false],
    [
      'integrity none',
      offer(1, transform(1, 12, 128), transform(2, 5), transform(3, 0), transform(4, 14)),
      false,
    ],
    ['no group', offer(1, ...good.slice(0, 3)), false],
    ['group none', offer(1, ...good.slice(0, 3), transform(4, 0)), false],
    ['no PRF', offer(1, transform(1, 12, 128), transform(3, 12), transform(4, 14)), false],
    ['AH', offer(2, ...good), false],
    ['nothing', offer(1), false],
  ])('with %s', (_what, offered, isChosen) => {
    expect(selectIkeProposal([offered], accepted) !== undefined).toBe(isChosen)
  })

  it('takes a combined mode without integrity, or with none named', () => {
    const gcm = ike('aes128gcm16-prfsha256-ecp256')
    const wanted = [transform(1, 20, 128), transform(2, 5), transform(4, 19)] as const
    expect(selectIkeProposal([offer(1, ...wanted)], gcm)?.wire.transforms).toEqual(wanted)
    expect(selectIkeProposal([offer(1, ...wanted, transform(3, 0))], gcm)?.wire.transforms).toContainEqual(
      transform(3, 0),
    )
    expect(selectIkeProposal([offer(1, ...wanted, transform(3, 12))], gcm)).toBeUndefined()
  })

  it('leaves groups of an ESP offer out in IKE_AUTH, and demands what we demand later', () => {
    const withGroups = [offer(3, transform(1, 20, 128), transform(4, 19), transform(4, 0), transform(5, 0))]
    const without = [offer(3, transform(1, 20, 128), transform(5, 0))]
    const pfs = esp('aes128gcm16-ecp256')
    const plain = esp('aes128gcm16')
    const early = selectEspProposal(withGroups, pfs, { withGroup: false })
    expect(early?.wire.transforms.some(({ type }) => type === 4)).toBe(false)
    expect(early?.suite.group).toBeUndefined()
    expect(selectEspProposal(withGroups, pfs, { withGroup: true })?.suite.group).toBe('ecp256')
    expect(selectEspProposal(without, pfs, { withGroup: true })).toBeUndefined()
    expect(selectEspProposal(without, [...pfs, ...plain], { withGroup: true })?.suite.group).toBeUndefined()
    // NONE among the groups leaves the choice to us (RFC 7296 section 3.3.2).
    const optional = selectEspProposal(withGroups, plain, { withGroup: true })
    expect(optional?.wire.transforms).toContainEqual(transform(4, 0))
    expect(optional?.suite.group).toBeUndefined()
    expect(
      selectEspProposal([offer(3, transform(1, 20, 128), transform(4, 19), transform(5, 0))], plain, {
        withGroup: true,
      }),
    ).toBeUndefined()
  })

  // RFC 7296 section 3.3.3: mandatory for ESP
  it('wants sequence numbers named for ESP, the ones that we accept', () => {
    const cipher = transform(1, 20, 128)
    const select = (text: string, ...sequences: readonly Transform[]) =>
      selectEspProposal([offer(3, cipher, ...sequences)], esp(text), { withGroup: false })?.suite
        .extendedSequenceNumbers
    expect(select('aes128gcm16')).toBeUndefined()
    expect(select('aes128gcm16', transform(5, 0))).toBe(false)
    expect(select('aes128gcm16', transform(5, 1))).toBeUndefined()
    expect(select('aes128gcm16-esn', transform(5, 0))).toBeUndefined()
    expect(select('aes128gcm16-esn-noesn', transform(5, 0), transform(5, 1))).toBe(true)
    // RFC 9827: 32-bit without order, which we do not do
    expect(select('aes128gcm16', transform(5, 2))).toBeUndefined()
  })
})

describe('both sides together', () => {
  const words = {
    ciphers: [
      'aes128-sha256',
      'aes256-aes128-sha512-sha1',
      'aes128gcm16-prfsha256',
      'chacha20poly1305-aes256gcm16-prfsha384',
    ],
    groups: ['ecp256', 'x25519-modp2048', 'modp2048-ecp256-x25519'],
  }
  const text = fc
    .tuple(fc.constantFrom(...words.ciphers), fc.constantFrom(...words.groups))
    .map((parts) => parts.join('-'))
  const lists = fc.array(text, { minLength: 1, maxLength: 4 })

  it('agree on the suite, or find none together', () => {
    let agreed = 0
    fc.assert(
      fc.property(lists, lists, (ours, theirs) => {
        const choice = selectIkeProposal(ikeProposalsToWire(ike(...ours)), ike(...theirs))
        if (choice === undefined) return
        agreed += 1
        expect(verifyIkeChoice(ike(...ours), [choice.wire])).toEqual({ ok: true, value: choice.suite })
      }),
      { numRuns: 500 },
    )
    expect(agreed).toBeGreaterThan(50)
  })

  it('agree on ESP with perfect forward secrecy', () => {
    let agreed = 0
    fc.assert(
      fc.property(lists, lists, (ours, theirs) => {
        const [group] = groupsOf(esp(...ours))
        const offered = espProposalsToWire(esp(...ours), spi, group)
        const choice = selectEspProposal(offered, esp(...theirs), {
          withGroup: true,
          ...(group === undefined ? {} : { preferredGroup: group }),
        })
        if (choice === undefined) return
        const verified = verifyEspChoice(esp(...ours), [choice.wire], group)
        // Else the responder would have asked for its group by INVALID_KE_PAYLOAD.
        if (choice.suite.group !== group) return
        agreed += 1
        expect(verified).toEqual({ ok: true, value: choice.suite })
      }),
      { numRuns: 500 },
    )
    expect(agreed).toBeGreaterThan(50)
  })

  it('agree by default on AES-GCM with Curve25519', () => {
    const offered = ikeProposalsToWire(defaultProposals('ike'), 'curve25519')
    expect(selectIkeProposal(offered, defaultProposals('ike'))?.suite).toEqual({
      encryption: 'aes-gcm-16',
      keyBits: 256,
      prf: 'hmac-sha256',
      group: 'curve25519',
    })
    const esps = defaultProposals('esp')
    const first = selectEspProposal(espProposalsToWire(esps, spi), esps, { withGroup: false })
    expect(first?.suite).toEqual({ encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: true })
    const later = selectEspProposal(espProposalsToWire(esps, spi, 'curve25519'), esps, { withGroup: true })
    expect(later?.suite.group).toBe('curve25519')
  })

  it('agree with a gateway that has no perfect forward secrecy', () => {
    const esps = defaultProposals('esp')
    const choice = selectEspProposal(espProposalsToWire(esps, spi, 'curve25519'), esp('aes128-sha256'), {
      withGroup: true,
    })
    expect(choice?.suite.group).toBeUndefined()
    expect(choice === undefined ? undefined : verifyEspChoice(esps, [choice.wire], 'curve25519').ok).toBe(
      true,
    )
  })
})
