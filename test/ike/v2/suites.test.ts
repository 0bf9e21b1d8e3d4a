/** Every suite of IKE: how it protects messages, how it derives keys, and how it is agreed on. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { createRandom } from '../../../src-main/host/crypto/random.ts'
import { encryptions } from '../../../src-main/ike/encryptions.ts'
import { groups } from '../../../src-main/ike/groups.ts'
import { prfOf } from '../../../src-main/ike/mac.ts'
import { defaultProposals, formatProposal, parseProposal } from '../../../src-main/ike/proposal-text.ts'
import {
  espProposalsToWire,
  ikeProposalsToWire,
  selectEspProposal,
  selectIkeProposal,
  verifyEspChoice,
  verifyIkeChoice,
} from '../../../src-main/ike/proposals.ts'
import { integrities, keyLengths, prfs } from '../../../src-main/ike/suites.ts'
import { deriveIkeKeys, prfPlus } from '../../../src-main/ike/v2/keys.ts'
import { createSkProtection } from '../../../src-main/ike/v2/protection.ts'
import {
  phase1Proposals,
  phase1Suites,
  phase2Proposals,
  phase2Suites,
  readPhase1Transform,
  readPhase2Transform,
} from '../../../src-main/ike/v1/suites.ts'
import { ikeSpi } from '../../../src-shared/brands.ts'
import type { EncryptionName, IkeSuite, Protection } from '../../../src-shared/algorithms.ts'
import { toHex } from '../../host/crypto/bytes.ts'

const crypto = createCrypto()
const random = createRandom()
const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] => {
  const names: Name[] = []
  for (const name in table) names.push(name)
  return names
}
const ciphers = namesOf(encryptions).filter((name) => encryptions[name].inIke)

const protections: readonly Protection[] = [
  ...ciphers.flatMap((encryption) =>
    encryptions[encryption].keyBits.map((keyBits): Protection =>
      encryptions[encryption].isCombined
        ? { encryption, keyBits }
        : { encryption, keyBits, integrity: 'hmac-sha256-128' },
    ),
  ),
  ...namesOf(integrities).map((integrity): Protection => ({
    encryption: 'aes-ctr',
    keyBits: 256,
    integrity,
  })),
]

describe.each(protections.map((protection) => [Object.values(protection).join(' '), protection] as const))(
  'IKE messages under %s',
  (_, protection) => {
    const lengths = keyLengths(protection)
    const create = (fill = 3) =>
      createSkProtection({
        crypto,
        random,
        protection,
        encryptionKey: Uint8Array.from({ length: lengths.encryption }, (_, index) => index * fill),
        ...(protection.integrity === undefined
          ? {}
          : { integrityKey: new Uint8Array(lengths.integrity).fill(fill) }),
      })

    it('are opened as they were sealed, and no other way', () => {
      const [sender, receiver, stranger] = [create(), create(), create(4)]
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 255 }), (plain, change) => {
          const header = 32
          const message = new Uint8Array(header + plain.length + sender.overhead(plain.length)).fill(0x11)
          sender.seal(message, header, plain)
          expect(receiver.open(message, header)).toEqual({ ok: true, value: plain })
          expect(stranger.open(message, header)).toMatchObject({ ok: false })
          const changed = message.slice()
          const at = change % changed.length
          changed[at] = (changed[at] ?? 0) ^ 1
          expect(receiver.open(changed, header)).toEqual({ ok: false, error: 'not-authentic' })
          expect(receiver.open(message.subarray(0, at), Math.min(header, at))).toMatchObject({ ok: false })
        }),
        { numRuns: 20 },
      )
    })

    it('fit exactly into the room that they say they need', () => {
      const sealing = create()
      for (let room = 0; room < 200; room += 1) {
        const capacity = sealing.capacity(room)
        if (capacity > 0) expect(capacity + sealing.overhead(capacity)).toBeLessThanOrEqual(room)
        expect(capacity + 1 + sealing.overhead(capacity + 1)).toBeGreaterThan(room)
      }
    })
  },
)

describe("IKE's own messages", () => {
  it.each(['null', 'null-aes-gmac'] as const)('are never protected by %s', (encryption) => {
    expect(() =>
      createSkProtection({
        crypto,
        random,
        protection: { encryption, keyBits: 128, integrity: 'hmac-sha256-128' },
        encryptionKey: new Uint8Array(20),
        integrityKey: new Uint8Array(32),
      }),
    ).toThrow(TypeError)
  })
})

describe('keys made with a prf that has keys of one length', () => {
  const nonces = { initiator: new Uint8Array(32).fill(1), responder: new Uint8Array(20).fill(2) }
  const sharedSecret = new Uint8Array(32).fill(9)
  const sources = { nonces, sharedSecret, initiatorSpi: ikeSpi(5n), responderSpi: ikeSpi(6n) }

  // RFC 7296 section 2.14: SKEYSEED from the first 64 bits of each nonce, all else from the whole of them.
  it.each(['aes-xcbc-128', 'aes-cmac-128'] as const)('begin with the first halves: %s', (prf) => {
    const suite: IkeSuite = {
      encryption: 'aes-cbc',
      keyBits: 128,
      integrity: 'aes-xcbc-96',
      prf,
      group: 'modp2048',
    }
    const keys = deriveIkeKeys(crypto, suite, sources)
    const key = Uint8Array.of(...nonces.initiator.subarray(0, 8), ...nonces.responder.subarray(0, 8))
    const seed = prfOf(crypto, prf)(key, sharedSecret)
    const spis = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 6)
    const stream = prfPlus(prfOf(crypto, prf), seed, [nonces.initiator, nonces.responder, spis], 7 * 16)
    const all = [keys.d, keys.ai, keys.ar, keys.ei, keys.er, keys.pi, keys.pr]
    expect(all.map(toHex).join('')).toBe(toHex(stream))
  })
})

const encryptionWords = namesOf(encryptions).flatMap((name) =>
  encryptions[name].keyBits.map((keyBits) => ({
    name,
    word: formatProposal({
      encryptions: [{ name, keyBits }],
      integrities: [],
      prfs: [],
      groups: [],
      extendedSequenceNumbers: [],
    }),
  })),
)

const parsed = (kind: 'ike' | 'esp', text: string) => {
  const proposal = parseProposal(kind, text)
  if (!proposal.ok) throw new Error(`${text}: ${proposal.error}`)
  return [proposal.value]
}

describe('agreeing on a suite', () => {
  it.each(encryptionWords)('finds the same one at both ends in version 2: $word', ({ name, word }) => {
    const beside = encryptions[name].isCombined ? '' : '-aesxcbc'
    const esp = parsed('esp', `${word}${beside}-ecp224bp-esn`)
    const offered = espProposalsToWire(esp, new Uint8Array(4), 'ecp224bp')
    const chosen = selectEspProposal(offered, esp, { withGroup: true })
    expect(chosen?.suite.encryption).toBe(name)
    expect(verifyEspChoice(esp, chosen === undefined ? [] : [chosen.wire], 'ecp224bp')).toEqual({
      ok: true,
      value: chosen?.suite,
    })
    const text = `${word}${beside}-prfaescmac-x448`
    if (!encryptions[name].inIke) {
      expect(parseProposal('ike', text)).toMatchObject({ ok: false })
      // A peer that offers it all the same gets no such answer.
      const anyhow = esp.map((proposal) => ({
        ...proposal,
        prfs: ['aes-cmac-128'] as const,
        groups: ['curve448'] as const,
        extendedSequenceNumbers: [],
      }))
      expect(selectIkeProposal(ikeProposalsToWire(anyhow), anyhow)).toBeUndefined()
      return
    }
    const ike = parsed('ike', text)
    const answer = selectIkeProposal(ikeProposalsToWire(ike), ike)
    expect(answer?.suite).toMatchObject({ encryption: name, prf: 'aes-cmac-128', group: 'curve448' })
    expect(verifyIkeChoice(ike, answer === undefined ? [] : [answer.wire])).toEqual({
      ok: true,
      value: answer?.suite,
    })
  })

  const hasNoV1Number: readonly EncryptionName[] = [
    'chacha20-poly1305',
    'camellia-ctr',
    'camellia-ccm-8',
    'camellia-ccm-12',
    'camellia-ccm-16',
  ]
  it.each(encryptionWords)('finds the same one at both ends in version 1: $word', ({ name, word }) => {
    const beside = encryptions[name].isCombined ? '' : '-aesxcbc'
    const suites = phase2Suites(parsed('esp', `${word}${beside}`), undefined, 1, { lifetimeSeconds: 3600 })
    if (hasNoV1Number.includes(name)) {
      expect(suites).toEqual([])
      return
    }
    const [proposal] = phase2Proposals(suites, new Uint8Array(4))
    expect(proposal?.transforms.map(readPhase2Transform)).toEqual(suites)
    expect(suites[0]?.esp.encryption).toBe(name)
    if (!encryptions[name].inIke) return
    const text = encryptions[name].isCombined ? `${word}-prfsha256-modp2048` : `${word}-sha256-modp2048`
    const phase1 = phase1Suites(parsed('ike', text), [1], 28_800)
    const [offer] = phase1Proposals(phase1)
    expect(offer?.transforms.map(readPhase1Transform)).toEqual(phase1)
    expect(phase1).toHaveLength(name.endsWith('-cbc') ? 1 : 0)
  })

  it.each(namesOf(groups))('has words for the group %s and its number', (name) => {
    const [ike] = parsed(
      'ike',
      `aes128-sha256-${formatProposal({
        encryptions: [],
        integrities: [],
        prfs: [],
        groups: [name],
        extendedSequenceNumbers: [],
      })}`,
    )
    expect(ike?.groups).toEqual([name])
  })

  it('never proposes by itself what is weak', () => {
    for (const proposal of [...defaultProposals('ike'), ...defaultProposals('esp')]) {
      for (const { name } of proposal.encryptions)
        expect(encryptions[name].strength.standing, name).not.toBe('weak')
      for (const name of proposal.integrities)
        expect(integrities[name].strength.standing, name).not.toBe('weak')
      for (const name of proposal.prfs) expect(prfs[name].strength.standing, name).not.toBe('weak')
      for (const name of proposal.groups) expect(groups[name].strength.standing, name).not.toBe('weak')
    }
  })

  it('calls weak what does not encrypt, and small blocks', () => {
    const weak = namesOf(encryptions).filter((name) => encryptions[name].strength.standing === 'weak')
    expect(weak.toSorted()).toEqual([
      '3des-cbc',
      'aes-gcm-8',
      'blowfish-cbc',
      'cast-cbc',
      'des-cbc',
      'idea-cbc',
      'null',
      'null-aes-gmac',
      'rc5-cbc',
    ])
  })
})
