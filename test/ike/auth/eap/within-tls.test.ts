/** EAP-TLS, EAP-TTLS and PEAP as the client, over the runtime's TLS and over a made-up one whose every byte a test can see. */
import { createPrivateKey, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { createCrypto } from '../../../../src-main/host/crypto/node-crypto.ts'
import { createSigningKey } from '../../../../src-main/host/crypto/signatures.ts'
import { createTlsClient } from '../../../../src-main/host/tls-client.ts'
import { avps, AvpCode, MICROSOFT } from '../../../../src-main/ike/auth/eap/avp.ts'
import { mschapv2Request, mschapv2Values, successText } from '../../../../src-main/ike/auth/eap/mschapv2.ts'
import { EapType, eapPacket } from '../../../../src-main/ike/auth/eap/packet.ts'
import { createEapPeer } from '../../../../src-main/ike/auth/eap/peer.ts'
import type { EapPeer, EapPeerOptions } from '../../../../src-main/ike/auth/eap/peer.ts'
import { createEapServer } from '../../../../src-main/ike/auth/eap/server.ts'
import { createTrust } from '../../../../src-main/pki/trust.ts'
import type { TlsClient } from '../../../../src-main/ports.ts'
import { decode, encode } from '../../../../src-main/wire/codec.ts'
import { epochMillis } from '../../../../src-shared/brands.ts'
import { authority, dns, issue, NOW, purposes, san, SERVER_AUTH } from '../../../fakes/certificates.ts'
import { createFakeTlsClient, createFakeTlsServer, fakeAlert } from '../../../fakes/fake-tls.ts'
import { createRuntimeTlsServer } from '../../../fakes/runtime-tls-server.ts'
import type { TlsServerEnd } from '../../../fakes/tls-end.ts'
import { answerOf, eapFailure, eapRequest, eapSuccess, fragment, settle, tellTls } from './tls-story.ts'

const crypto = createCrypto()
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) }
const password = Buffer.from('correct horse')
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')

const root = authority('CN=Root')
const NAME = 'radius.example.org'
const named = { extensions: [san(dns(NAME)), purposes(SERVER_AUTH)] }
const server = issue({ subject: 'CN=server', by: root, ...named })
const user = issue({ subject: 'CN=alice', by: root })
const clock = { wall: () => epochMillis(NOW) }
const trust = await createTrust({ authorities: [root.der] })
const identity = { kind: 'fqdn', name: NAME } as const

const pem = (key: typeof user.key) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const userKey = createSigningKey(createPrivateKey(pem(user.key)))
if (userKey === undefined) throw new Error('no key')
const own = { key: userKey, certificates: [user.der] }

const opened: (EapPeer | TlsServerEnd)[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

function peerWith(open: () => TlsClient, options: Partial<EapPeerOptions> = {}): EapPeer {
  const peer = createEapPeer({
    crypto,
    random,
    username: 'alice',
    password,
    allowed: ['tls', 'ttls', 'peap'],
    serverAuthenticatedBy: 'certificate',
    tls: { open, server: { trust, identity }, clock },
    ...options,
  })
  opened.push(peer)
  return peer
}

const fake = (
  type: number,
  options: Partial<EapPeerOptions> = {},
  certificates: readonly Uint8Array[] = [server.der],
) => {
  const end = createFakeTlsServer(randomBytes(16), certificates)
  const peer = peerWith(() => createFakeTlsClient(randomBytes(16), user.der), options)
  return { end, peer, story: tellTls(peer, end, type) }
}

const real = (type: number, version: '1.2' | '1.3', options: Partial<EapPeerOptions> = {}) => {
  const holder = { keyPem: pem(server.key), certificates: [server.der] }
  const isTls = type === EapType.TLS
  const end = createRuntimeTlsServer({
    own: holder,
    version,
    ...(isTls ? { clientAuthority: root.der } : {}),
  })
  opened.push(end)
  const peer = peerWith(() => createTlsClient(isTls ? { own } : {}), options)
  return { end, peer, story: tellTls(peer, end, type) }
}

const say = (code: number, data: Uint8Array, vendor = 0) =>
  encode(avps, [{ code, vendor, mandatory: true, data }])

describe.each(['1.2', '1.3'] as const)('over TLS %s', (version) => {
  const exported = (end: TlsServerEnd, type: number, label: string) =>
    version === '1.3'
      ? end.exportKeyingMaterial('EXPORTER_EAP_TLS_Key_Material', 128, Uint8Array.of(type)).subarray(0, 64)
      : end.exportKeyingMaterial(label, 128).subarray(0, 64)

  it('EAP-TLS proves both ends and gives the same key to both', async () => {
    const { end, peer, story } = real(EapType.TLS, version, { allowed: ['tls'] })
    await story.begin()
    expect(hex(end.clientCertificate)).toBe(hex(user.der))
    // RFC 9190 section 2.5: the promise to say no more.
    if (version === '1.3') await story.say(Uint8Array.of(0))
    const outcome = await settle(peer.receive(eapSuccess))
    const msk = hex(exported(end, EapType.TLS, 'client EAP encryption'))
    expect(outcome.kind === 'success' && hex(outcome.msk)).toBe(msk)
  })

  it('EAP-TTLS says name and password as PAP, padded, and only inside', async () => {
    const { end, peer, story } = real(EapType.TTLS, version, { inner: 'pap', identity: 'anonymous' })
    expect(answerText(peer)).toBe('anonymous')
    const { inside } = await story.begin()
    const said = decode(avps, inside)
    expect(said.map(({ code }) => code)).toEqual([AvpCode.USER_NAME, AvpCode.USER_PASSWORD])
    expect(Buffer.from(said[0]?.data ?? []).toString()).toBe('alice')
    expect(Buffer.from(said[1]?.data ?? []).toString()).toBe('correct horse\0\0\0')
    const outcome = await settle(peer.receive(eapSuccess))
    const msk = hex(exported(end, EapType.TTLS, 'ttls keying material'))
    expect(outcome.kind === 'success' && hex(outcome.msk)).toBe(msk)
  })

  it('EAP-TTLS proves the password by MSCHAPv2, bound to the tunnel, and wants the proof back', async () => {
    const { end, peer, story } = real(EapType.TTLS, version, { inner: 'mschapv2' })
    const said = decode(avps, (await story.begin()).inside)
    const implicit = end.exportKeyingMaterial('ttls challenge', 17)
    expect(hex(said[1]?.data)).toBe(hex(implicit.subarray(0, 16)))
    const response = said[2]?.data ?? new Uint8Array(0)
    expect(response.length).toBe(50)
    expect(response[0]).toBe(implicit[16])
    const values = mschapv2Values(crypto, {
      authenticatorChallenge: implicit.slice(0, 16),
      peerChallenge: response.slice(2, 18),
      username: 'alice',
      password,
    })
    expect(hex(response.subarray(26))).toBe(hex(values.ntResponse))
    // Before the server has proven that it knows the password, its success is none.
    expect(peer.isThrough).toBe(false)
    const proof = Buffer.concat([Buffer.of(response[0] ?? 0), successText(values.authenticatorResponse)])
    await story.say(say(AvpCode.MS_CHAP2_SUCCESS, proof, MICROSOFT))
    expect((await settle(peer.receive(eapSuccess))).kind).toBe('success')
  })

  it('PEAP runs EAP-MSCHAPv2 inside and wants the result inside', async () => {
    const { end, peer, story } = real(EapType.PEAP, version)
    await story.begin()
    const { acknowledged } = await runPeap(story)
    expect(hex(acknowledged)).toBe(hex(Buffer.from('0209000b21800300020001', 'hex')))
    const outcome = await settle(peer.receive(eapSuccess))
    const msk = hex(exported(end, EapType.PEAP, 'client EAP encryption'))
    expect(outcome.kind === 'success' && hex(outcome.msk)).toBe(msk)
  })
})

const answerText = (peer: EapPeer): string => {
  const outcome = peer.receive(eapRequest(EapType.IDENTITY, new Uint8Array(0)))
  if (outcome.kind === 'later') throw new Error('late')
  return Buffer.from(answerOf(outcome)).toString()
}

const resultTlv = (status: 1 | 2) => Buffer.from(`0109000b2180030002000${status}`, 'hex')

/** Our own server's EAP-MSCHAPv2, without headers, as FreeRADIUS has it. */
async function runPeap(story: ReturnType<typeof tellTls>): Promise<{ readonly acknowledged: Uint8Array }> {
  const inner = createEapServer({ crypto, random, methods: ['mschapv2'], password: () => password })
  let packet = inner.start()
  for (let round = 0; round < 8; round += 1) {
    const { inside } = await story.say(packet.subarray(4))
    const head = Uint8Array.of(2, packet[1] ?? 0, 0, inside.length + 4)
    const outcome = inner.receive(Buffer.concat([head, inside]))
    if (outcome.kind === 'failure') throw new Error(outcome.reason)
    if (outcome.kind === 'success') return { acknowledged: (await story.say(resultTlv(1))).inside }
    packet = outcome.data
  }
  throw new Error('no end')
}

describe('what is checked of the server', () => {
  const cases = [
    [
      'an unknown authority',
      issue({ subject: 'CN=server', by: authority('CN=Other'), ...named }),
      'untrusted',
    ],
    [
      'another name',
      issue({ subject: 'CN=server', by: root, extensions: [san(dns('other.example.org'))] }),
      'wrong-name',
    ],
    [
      'an expired certificate',
      issue({ subject: 'CN=server', by: root, from: NOW - 9e8, until: NOW - 1e8, ...named }),
      'expired',
    ],
    [
      "a gateway's purpose alone",
      issue({
        subject: 'CN=server',
        by: root,
        extensions: [san(dns(NAME)), purposes('2b06010505070311')],
      }),
      'unsuitable',
    ],
  ] as const
  it.each(cases)('%s ends it before anything of the user is sent', async (_name, bad, code) => {
    for (const type of [EapType.TLS, EapType.TTLS, EapType.PEAP]) {
      const { end, story } = fake(type, { inner: 'pap', identity: 'anonymous' }, [bad.der])
      const { outcome, inside } = await story.begin()
      expect(outcome).toMatchObject({
        kind: 'failure',
        reason: 'server-not-verified',
        code: `certificate-${code}`,
        details: { server: 'login' },
      })
      expect(inside.length).toBe(0)
      expect(end.isEstablished).toBe(false)
      expect(end.clientCertificate).toBeUndefined()
      // The hello is all that has left.
      expect(story.sent).toHaveLength(1)
      for (const bytes of story.sent) expect(Buffer.from(bytes).includes('alice')).toBe(false)
    }
  })

  it('a pin besides', async () => {
    const pinned = await createTrust({ authorities: [root.der], pin: Buffer.alloc(32).toString('base64') })
    const { story } = fake(EapType.TTLS, {
      tls: {
        open: () => createFakeTlsClient(randomBytes(16)),
        server: { trust: pinned, identity },
        clock,
      },
    })
    expect((await story.begin()).outcome).toMatchObject({ code: 'certificate-pin-mismatch' })
  })

  it('a server without any certificate', async () => {
    const { story, end } = fake(EapType.TTLS, { inner: 'pap' }, [])
    expect((await story.begin()).outcome).toMatchObject({
      code: 'gateway-not-authenticated',
      reason: 'server-not-verified',
    })
    expect(end.isEstablished).toBe(false)
  })
})

describe('what went wrong in other clients', () => {
  it('early EAP-Success skips nothing, at every step (CVE-2021-45079)', async () => {
    const early = { kind: 'failure', reason: 'early-success' }
    for (const type of [EapType.TLS, EapType.TTLS, EapType.PEAP]) {
      const fresh = fake(type)
      expect(fresh.peer.receive(eapSuccess)).toMatchObject(early)
      const greeted = fake(type)
      await settle(greeted.peer.receive(eapRequest(type, fragment({ start: true }))))
      expect(greeted.peer.receive(eapSuccess)).toMatchObject(early)
    }
    for (const inner of ['mschapv2', 'eap-mschapv2'] as const) {
      const open = fake(EapType.TTLS, { inner })
      await open.story.begin()
      expect(open.end.isEstablished).toBe(true)
      expect(open.peer.receive(eapSuccess)).toMatchObject(early)
    }
    const peap = fake(EapType.PEAP)
    await peap.story.begin()
    expect(peap.peer.receive(eapSuccess)).toMatchObject(early)
  })

  it('PEAP whose inside is skipped is no success (CVE-2023-52160)', async () => {
    const { story } = fake(EapType.PEAP)
    await story.begin()
    expect((await story.say(resultTlv(1))).outcome).toMatchObject({ reason: 'early-success' })
    const half = fake(EapType.PEAP)
    await half.story.begin()
    await half.story.say(Uint8Array.of(EapType.IDENTITY))
    expect((await half.story.say(resultTlv(1))).outcome).toMatchObject({ reason: 'early-success' })
  })

  it('a server inside that does not know the password is found out', async () => {
    const { story } = fake(EapType.TTLS, { inner: 'mschapv2' })
    const said = decode(avps, (await story.begin()).inside)
    const ident = Buffer.of(said[2]?.data[0] ?? 0)
    const forged = Buffer.concat([ident, Buffer.from(`S=${'0'.repeat(40)} M=ok`)])
    expect((await story.say(say(AvpCode.MS_CHAP2_SUCCESS, forged, MICROSOFT))).outcome).toMatchObject({
      reason: 'server-not-verified',
      code: 'gateway-not-authenticated',
    })
  })

  it('a weaker method than the profile wants gets a Nak and no answer', () => {
    const { peer } = fake(EapType.PEAP, { allowed: ['peap'] })
    const challenge = encode(mschapv2Request, {
      kind: 'challenge',
      id: 7,
      body: { challenge: new Uint8Array(16), name: Buffer.from('gateway') },
    })
    for (const [type, data] of [
      [EapType.MSCHAPV2, challenge],
      [EapType.GTC, Buffer.from('Password: ')],
      [EapType.MD5, Uint8Array.of(1, 1)],
    ] as const) {
      const outcome = peer.receive(eapRequest(type, data))
      if (outcome.kind !== 'reply') throw new Error('no reply')
      expect(decode(eapPacket, outcome.data)).toMatchObject({
        type: EapType.NAK,
        data: Uint8Array.of(EapType.PEAP),
      })
    }
  })

  it('PEAP for MSCHAPv2 gives no password to whoever asks for it in clear inside', async () => {
    const { story } = fake(EapType.PEAP)
    await story.begin()
    const { inside } = await story.say(Buffer.concat([Buffer.of(EapType.GTC), Buffer.from('Password: ')]))
    expect([...inside]).toEqual([EapType.NAK, EapType.MSCHAPV2])
  })

  it('where EAP is to prove the gateway, methods that cannot are refused, whatever is allowed (RFC 5998)', () => {
    const { peer } = fake(EapType.TTLS, {
      serverAuthenticatedBy: 'method',
      allowed: ['mschapv2', 'gtc', 'md5', 'ttls'],
    })
    const outcome = peer.receive(eapRequest(EapType.GTC, Buffer.from('Password: ')))
    if (outcome.kind !== 'reply') throw new Error('no reply')
    expect(decode(eapPacket, outcome.data)).toMatchObject({
      type: EapType.NAK,
      data: Uint8Array.of(EapType.TTLS),
    })
    expect(peer.receive(eapFailure)).toMatchObject({ reason: 'method-refused' })
  })
})

describe('the end of it', () => {
  it('names what the server found wrong with our certificate', async () => {
    const { story } = fake(EapType.TLS, { allowed: ['tls'] })
    await story.begin()
    expect((await story.send(fakeAlert('unknown ca'))).outcome).toMatchObject({
      code: 'authentication-refused',
      details: { method: 'EAP-TLS', alert: 'unknown ca' },
    })
  })

  it('is a refused certificate with EAP-TLS, and a refused password with the others', async () => {
    const tls = fake(EapType.TLS, { allowed: ['tls'] })
    await tls.story.begin()
    expect(tls.peer.receive(eapFailure)).toMatchObject({ code: 'authentication-refused' })
    const ttls = fake(EapType.TTLS, { inner: 'pap' })
    await ttls.story.begin()
    expect(ttls.peer.receive(eapFailure)).toMatchObject({ code: 'credentials-refused' })
    const refused = fake(EapType.TTLS, { inner: 'mschapv2' })
    const said = decode(avps, (await refused.story.begin()).inside)
    const ident = Buffer.of(said[2]?.data[0] ?? 0)
    const text = Buffer.concat([ident, Buffer.from('E=691 R=0 C=00 V=3 M=no')])
    expect((await refused.story.say(say(AvpCode.MS_CHAP_ERROR, text, MICROSOFT))).outcome).toMatchObject({
      code: 'credentials-refused',
      details: { error: '691' },
    })
  })
})

describe('fragments', () => {
  const bulky = authority('CN=Root')
  it('go both ways with a long chain, one acknowledged before the next', async () => {
    const chain = [server.der, ...Array.from({ length: 12 }, (_, at) => authority(`CN=padding ${at}`).der)]
    const { story, end } = fake(EapType.TLS, { allowed: ['tls'] }, [...chain, bulky.der])
    await story.begin()
    expect(end.isEstablished).toBe(true)
    expect(story.packets()).toBeGreaterThan(5)
  })

  const refusals: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['no start', [fragment({ data: Uint8Array.of(1) })]],
    ['a second start', [fragment({ start: true }), fragment({ start: true })]],
    [
      'a message longer than any',
      [fragment({ start: true }), fragment({ more: true, total: 0xffff_ffff, data: Uint8Array.of(1) })],
    ],
    [
      'more bytes than announced',
      [fragment({ start: true }), fragment({ more: true, total: 2, data: new Uint8Array(3) })],
    ],
    [
      'fewer bytes than announced',
      [fragment({ start: true }), fragment({ total: 9, data: new Uint8Array(3) })],
    ],
    ['empty fragments', [fragment({ start: true }), fragment({ more: true })]],
    [
      'another length in the middle',
      [
        fragment({ start: true }),
        fragment({ more: true, total: 9, data: new Uint8Array(3) }),
        fragment({ total: 10, data: new Uint8Array(6) }),
      ],
    ],
    ['a length cut off', [fragment({ start: true }), Uint8Array.of(0x80, 0, 0)]],
  ]
  it.each(refusals)('%s is refused', async (_name, parts) => {
    const { peer } = fake(EapType.TTLS)
    let last
    for (const part of parts) last = await settle(peer.receive(eapRequest(EapType.TTLS, part)))
    expect(last).toMatchObject({ kind: 'failure', reason: 'malformed' })
  })

  it('without end are not followed', async () => {
    const { peer } = fake(EapType.TTLS)
    await settle(peer.receive(eapRequest(EapType.TTLS, fragment({ start: true }))))
    let last
    for (let round = 0; round < 140; round += 1) {
      const part = fragment({ more: true, data: new Uint8Array(8) })
      last = await settle(peer.receive(eapRequest(EapType.TTLS, part)))
      if (last.kind === 'failure') break
    }
    expect(last).toMatchObject({ kind: 'failure' })
  })
})
