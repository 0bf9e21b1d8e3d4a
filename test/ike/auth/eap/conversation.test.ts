/** The client against the server of this code base, in every method, and every packet at every state. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../../src-main/host/crypto/node-crypto.ts'
import {
  mschapv2Request,
  mschapv2Response,
  mschapv2Values,
  successText,
} from '../../../../src-main/ike/auth/eap/mschapv2.ts'
import { EapType, eapPacket } from '../../../../src-main/ike/auth/eap/packet.ts'
import { createEapPeer } from '../../../../src-main/ike/auth/eap/peer.ts'
import type { EapMethodName, EapOutcome, EapPeerOptions } from '../../../../src-main/ike/auth/eap/peer.ts'
import { createEapServer } from '../../../../src-main/ike/auth/eap/server.ts'
import type { EapServerOutcome } from '../../../../src-main/ike/auth/eap/server.ts'
import { decode, encode } from '../../../../src-main/wire/codec.ts'

const crypto = createCrypto()
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) }
const password = Buffer.from('correct horse')
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')

const peerWith = (options: Partial<EapPeerOptions> = {}) =>
  createEapPeer({
    crypto,
    random,
    username: 'alice',
    password,
    allowed: ['mschapv2', 'gtc'],
    serverAuthenticatedBy: 'certificate',
    ...options,
  })
const serverWith = (methods: readonly EapMethodName[]) =>
  createEapServer({
    crypto,
    random,
    methods,
    password: (name) => (name === 'alice' || name === 'EXAMPLE\\alice' ? password : undefined),
  })

/** Lets both talk to the end of either. */
function converse(options: Partial<EapPeerOptions>, methods: readonly EapMethodName[]) {
  const peer = peerWith(options)
  const server = serverWith(methods)
  let packet = server.start()
  let seen: EapServerOutcome | undefined
  for (let round = 0; round < 20; round += 1) {
    const outcome = peer.receive(packet)
    if (outcome.kind !== 'reply') return { peer: outcome, server: seen }
    seen = server.receive(outcome.data)
    packet = seen.data
  }
  throw new Error('no end')
}

const request = (type: number, data: Uint8Array = new Uint8Array(0), identifier = 7) =>
  encode(eapPacket, { code: 'request', identifier, type, data })
const success = encode(eapPacket, { code: 'success', identifier: 7 })
const failure = encode(eapPacket, { code: 'failure', identifier: 7 })
const challengeBytes = Buffer.alloc(16, 0x11)
const challenge = request(
  EapType.MSCHAPV2,
  encode(mschapv2Request, {
    kind: 'challenge',
    id: 7,
    body: { challenge: challengeBytes, name: Buffer.from('gateway') },
  }),
)
const mschapSuccess = (text: Uint8Array) =>
  request(EapType.MSCHAPV2, encode(mschapv2Request, { kind: 'success', id: 7, body: { text } }))
const mschapFailure = (text: string) =>
  request(
    EapType.MSCHAPV2,
    encode(mschapv2Request, { kind: 'failure', id: 7, body: { text: Buffer.from(text) } }),
  )

const messageOf = (outcome: EapOutcome) => {
  if (outcome.kind !== 'reply') throw new Error(`no reply: ${JSON.stringify(outcome)}`)
  const packet = decode(eapPacket, outcome.data)
  if (packet.code !== 'response') throw new Error('no response')
  return packet
}
/** The server's right proof for what the peer has answered. */
const rightProof = (outcome: EapOutcome) => {
  const answer = decode(mschapv2Response, messageOf(outcome).data)
  if (answer.kind !== 'response') throw new Error('no response')
  const { peerChallenge } = answer.body
  const input = { authenticatorChallenge: challengeBytes, peerChallenge, username: 'alice', password }
  return mschapv2Values(crypto, input).authenticatorResponse
}

describe('a conversation', () => {
  it.each(['mschapv2', 'gtc', 'md5'] as const)('ends well with the right password: %s', (method) => {
    const { peer, server } = converse({ allowed: [method] }, [method])
    expect(peer.kind).toBe('success')
    expect(server).toMatchObject({ kind: 'success', username: 'alice' })
    const keys = [
      peer.kind === 'success' ? peer.msk : undefined,
      server?.kind === 'success' ? server.msk : undefined,
    ]
    expect(hex(keys[0])).toBe(hex(keys[1]))
    expect(keys[0]?.length).toBe(method === 'mschapv2' ? 64 : undefined)
  })

  it.each(['mschapv2', 'gtc', 'md5'] as const)(
    'ends as credentials refused with a wrong one: %s',
    (method) => {
      const wrong = { allowed: [method], password: Buffer.from('wrong') }
      const { peer, server } = converse(wrong, [method])
      expect(peer).toMatchObject({
        kind: 'failure',
        reason: 'refused',
        code: 'credentials-refused',
        details: { user: 'alice' },
      })
      if (method === 'mschapv2') expect(peer).toMatchObject({ details: { error: '691' } })
      else expect(server).toMatchObject({ kind: 'failure', reason: 'wrong-credentials', username: 'alice' })
    },
  )

  it('ends the same for a user that does not exist', () => {
    expect(converse({ username: 'mallory' }, ['mschapv2']).peer).toMatchObject({ details: { error: '691' } })
  })

  it('lets the server know that its failure was seen', () => {
    const server = serverWith(['mschapv2'])
    const peer = peerWith({ password: Buffer.from('wrong') })
    let packet = server.start()
    for (let round = 0; round < 3; round += 1) {
      const outcome = peer.receive(packet)
      const answer =
        outcome.kind === 'reply' ? outcome.data : outcome.kind === 'failure' ? outcome.reply : undefined
      const next = server.receive(answer ?? new Uint8Array(0))
      packet = next.data
      if (round === 2) expect(next).toMatchObject({ kind: 'failure', reason: 'wrong-credentials' })
    }
  })

  it('settles on a method both allow by Nak, and ends when there is none', () => {
    expect(converse({ allowed: ['gtc'] }, ['mschapv2', 'md5', 'gtc']).peer.kind).toBe('success')
    const none = converse({ allowed: ['gtc'] }, ['mschapv2', 'md5'])
    expect(none.peer).toMatchObject({
      reason: 'method-refused',
      code: 'eap-method-refused',
      details: { method: 'mschapv2' },
    })
    expect(none.server).toMatchObject({ kind: 'failure', reason: 'no-common-method' })
  })

  it('offers no method twice to a client that cannot decide', () => {
    const server = serverWith(['mschapv2', 'gtc'])
    server.start()
    let identifier = decode(eapPacket, server.start()).identifier
    const say = (type: number, data: Uint8Array) => {
      const outcome = server.receive(encode(eapPacket, { code: 'response', identifier, type, data }))
      identifier = decode(eapPacket, outcome.data).identifier
      return outcome.kind
    }
    expect(say(EapType.IDENTITY, Buffer.from('alice'))).toBe('request')
    expect(say(EapType.NAK, Uint8Array.of(EapType.GTC))).toBe('request')
    expect(say(EapType.NAK, Uint8Array.of(EapType.MSCHAPV2))).toBe('failure')
  })

  it('says the outer identity where there is one, and proves the user name', () => {
    const peer = peerWith({ identity: 'anonymous@example.org' })
    expect(Buffer.from(messageOf(peer.receive(request(EapType.IDENTITY))).data).toString()).toBe(
      'anonymous@example.org',
    )
    const answer = decode(mschapv2Response, messageOf(peer.receive(challenge)).data)
    expect(answer.kind === 'response' && Buffer.from(answer.body.name).toString()).toBe('alice')
    expect(
      converse({ identity: 'anonymous', username: 'EXAMPLE\\alice' }, ['mschapv2']).server,
    ).toMatchObject({
      kind: 'success',
      username: 'EXAMPLE\\alice',
    })
  })

  it('acknowledges a notification at any time', () => {
    const peer = peerWith()
    expect(messageOf(peer.receive(request(EapType.NOTIFICATION, Buffer.from('hello'))))).toMatchObject({
      type: 2,
    })
    peer.receive(challenge)
    expect(messageOf(peer.receive(request(EapType.NOTIFICATION))).data.length).toBe(0)
  })

  it('takes a method without the question for the identity before it', () => {
    const peer = peerWith()
    const proof = rightProof(peer.receive(challenge))
    expect(messageOf(peer.receive(mschapSuccess(successText(proof)))).data).toEqual(Uint8Array.of(3))
    expect(peer.receive(success)).toMatchObject({ kind: 'success' })
  })

  it('takes a wrong MS-Length, which some servers send', () => {
    const odd = challenge.slice()
    odd[8] = (odd[8] ?? 0) + 40
    expect(peerWith().receive(odd).kind).toBe('reply')
  })
})

describe('what went wrong in other clients', () => {
  it('early EAP-Success skips nothing (CVE-2021-45079)', () => {
    const early = { kind: 'failure', reason: 'early-success', code: 'protocol-violation' }
    expect(peerWith().receive(success)).toMatchObject(early)
    const named = peerWith()
    named.receive(request(EapType.IDENTITY))
    expect(named.receive(success)).toMatchObject(early)
    const challenged = peerWith()
    challenged.receive(challenge)
    expect(challenged.receive(success)).toMatchObject(early)
    const refusing = peerWith()
    refusing.receive(request(EapType.MD5, Uint8Array.of(1, 1)))
    expect(refusing.receive(success)).toMatchObject(early)
  })

  it('MSCHAPv2 success in a wrong state is none (CVE-2015-8023)', () => {
    const wrong = { kind: 'failure', reason: 'wrong-order' }
    expect(peerWith().receive(mschapSuccess(Buffer.from(`S=${'0'.repeat(40)}`)))).toMatchObject(wrong)
    const done = peerWith()
    const proof = rightProof(done.receive(challenge))
    done.receive(mschapSuccess(successText(proof)))
    expect(done.receive(mschapSuccess(successText(proof)))).toMatchObject(wrong)
    const twice = peerWith()
    twice.receive(challenge)
    expect(twice.receive(challenge)).toMatchObject(wrong)
  })

  it('a server that does not know the password is found out', () => {
    for (const text of [`S=${'0'.repeat(40)}`, `S=${'A'.repeat(40)} M=ok`]) {
      const peer = peerWith()
      peer.receive(challenge)
      const outcome = peer.receive(mschapSuccess(Buffer.from(text)))
      expect(outcome).toMatchObject({ reason: 'server-not-verified', code: 'gateway-not-authenticated' })
      expect(peer.receive(success)).toMatchObject({ kind: 'failure' })
    }
  })

  it('a failure request shorter than it says is no underflow (CVE-2025-62291)', () => {
    const whole = mschapFailure('E=691 R=1 C=00112233445566778899AABBCCDDEEFF V=3 M=no')
    for (let length = 0; length < whole.length; length += 1) {
      const cut = whole.slice(0, length)
      if (length >= 4) new DataView(cut.buffer).setUint16(2, length)
      const peer = peerWith()
      peer.receive(challenge)
      expect(peer.receive(cut).kind).toBe('failure')
    }
    const known = peerWith()
    known.receive(challenge)
    const disabled = known.receive(mschapFailure('E=647 R=0 M=no'))
    expect(disabled).toMatchObject({
      code: 'credentials-refused',
      details: { error: '647', meaning: 'the account is disabled', user: 'alice' },
    })
  })

  it('nothing is said to a gateway that has not proven itself (CVE-2015-4171)', () => {
    for (const packet of [
      request(EapType.IDENTITY),
      challenge,
      request(EapType.GTC),
      request(EapType.NOTIFICATION),
      success,
    ]) {
      const outcome = peerWith({ serverAuthenticatedBy: 'nothing' }).receive(packet)
      expect(outcome).toEqual({
        kind: 'failure',
        reason: 'gateway-not-authenticated',
        code: 'gateway-not-authenticated',
        details: {},
      })
    }
    expect(converse({ serverAuthenticatedBy: 'psk' }, ['mschapv2']).peer.kind).toBe('success')
  })

  it('a method that is not allowed gets a Nak and no secret', () => {
    for (const type of [EapType.MD5, 13, 21, 25, 254]) {
      const nak = messageOf(peerWith().receive(request(type, Uint8Array.of(1, 2, 3))))
      expect(nak).toMatchObject({ type: EapType.NAK })
      expect([...nak.data]).toEqual([EapType.MSCHAPV2, EapType.GTC])
    }
    expect([...messageOf(peerWith({ allowed: [] }).receive(challenge)).data]).toEqual([0])
  })

  it('a second question is not answered with the same password', () => {
    const peer = peerWith()
    peer.receive(request(EapType.GTC))
    expect(peer.receive(request(EapType.GTC))).toMatchObject({ kind: 'failure', reason: 'wrong-order' })
  })

  it('a server that never comes to an end is not followed', () => {
    const peer = peerWith()
    const outcomes = Array.from({ length: 20 }, () => peer.receive(request(EapType.IDENTITY)))
    expect(
      outcomes.some((outcome) => outcome.kind === 'failure' && outcome.reason === 'too-many-rounds'),
    ).toBe(true)
  })
})

describe('every packet at every state', () => {
  const packets: Readonly<Record<string, Uint8Array>> = {
    identity: request(EapType.IDENTITY),
    notification: request(EapType.NOTIFICATION),
    nak: request(EapType.NAK),
    challenge,
    'mschapv2 success': mschapSuccess(Buffer.from(`S=${'0'.repeat(40)}`)),
    'mschapv2 failure': mschapFailure('E=691 R=0'),
    gtc: request(EapType.GTC),
    md5: request(EapType.MD5, Uint8Array.of(1, 9)),
    success,
    failure,
    response: encode(eapPacket, { code: 'response', identifier: 7, type: 1, data: new Uint8Array(0) }),
  }
  const states: Readonly<Record<string, (peer: ReturnType<typeof peerWith>) => void>> = {
    fresh: () => undefined,
    named: (peer) => void peer.receive(request(EapType.IDENTITY)),
    challenged: (peer) => void peer.receive(challenge),
    verified: (peer) => {
      const proof = rightProof(peer.receive(challenge))
      peer.receive(mschapSuccess(successText(proof)))
    },
    'gtc answered': (peer) => void peer.receive(request(EapType.GTC)),
    succeeded: (peer) => {
      peer.receive(request(EapType.GTC))
      peer.receive(success)
    },
    failed: (peer) => void peer.receive(failure),
  }
  const replies: Readonly<Record<string, readonly string[]>> = {
    fresh: ['identity', 'notification', 'challenge', 'gtc', 'md5'],
    named: ['identity', 'notification', 'challenge', 'gtc', 'md5'],
    challenged: ['notification'],
    verified: ['notification'],
    'gtc answered': ['notification'],
    succeeded: [],
    failed: [],
  }
  const mayEnd = ['verified', 'gtc answered']

  it.each(Object.keys(states))('in the state "%s" only what belongs there is answered', (state) => {
    for (const [name, packet] of Object.entries(packets)) {
      const peer = peerWith()
      states[state]?.(peer)
      const { kind } = peer.receive(packet)
      const expected = replies[state]?.includes(name)
        ? 'reply'
        : name === 'success' && mayEnd.includes(state)
          ? 'success'
          : 'failure'
      expect([name, kind]).toEqual([name, expected])
      // A failure is final.
      if (kind === 'failure') expect(peer.receive(challenge)).toMatchObject({ reason: 'wrong-order' })
    }
  })
})

describe('any bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 80 })
  const framed = fc
    .tuple(fc.constantFrom(1, 2, 3, 4, 5), fc.nat(255), fc.constantFrom(1, 2, 3, 4, 6, 26, 254), bytes)
    .map(([code, identifier, type, data]) =>
      Uint8Array.of(code, identifier, 0, 5 + data.length, type, ...data),
    )
  const inputs = fc.array(fc.oneof(bytes, framed), { maxLength: 5 })

  it('end in an outcome and never in success, at the client', () => {
    fc.assert(
      fc.property(inputs, (packets) => {
        const peer = peerWith({ allowed: ['mschapv2'] })
        for (const packet of packets) expect(peer.receive(packet).kind).not.toBe('success')
      }),
    )
  })

  it('end in an outcome and never in success, at the server', () => {
    fc.assert(
      fc.property(inputs, (packets) => {
        const server = serverWith(['mschapv2', 'md5'])
        server.start()
        for (const packet of packets) expect(server.receive(packet).kind).not.toBe('success')
      }),
    )
  })

  it('read and written again are the same packet', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('request' as const, 'response' as const),
        fc.nat(255),
        fc.nat(255),
        bytes,
        (code, identifier, type, data) => {
          const packet = decode(eapPacket, encode(eapPacket, { code, identifier, type, data }))
          expect(packet).toMatchObject({ code, identifier, type })
          expect('data' in packet && hex(packet.data)).toBe(hex(data))
        },
      ),
    )
  })
})
