/** Parsers of what proves an identity: EAP packets on both sides, signatures, certificates, key files. See targets.ts. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { avps } from '../../src-main/ike/auth/eap/avp.ts'
import { mschapv2Request, mschapv2Response } from '../../src-main/ike/auth/eap/mschapv2.ts'
import { EapType, eapPacket } from '../../src-main/ike/auth/eap/packet.ts'
import { createEapPeer } from '../../src-main/ike/auth/eap/peer.ts'
import { createReassembly, mostMessageBytes } from '../../src-main/ike/auth/eap/tls-fragments.ts'
import { tlsFragment } from '../../src-main/ike/auth/eap/tls-packet.ts'
import { createEapServer } from '../../src-main/ike/auth/eap/server.ts'
import { decodeHashAlgorithms, verifySignatureAuth } from '../../src-main/ike/auth/signature.ts'
import { parseCertificate, readCertificates } from '../../src-main/pki/certificate.ts'
import { loadSigningKey } from '../../src-main/pki/keys.ts'
import { readPkcs12 } from '../../src-main/pki/pkcs12.ts'
import { readPublicKey } from '../../src-main/pki/public-key.ts'
import { createTrust } from '../../src-main/pki/trust.ts'
import type { VerifyingKey } from '../../src-main/ports.ts'
import { DecodeError, decode, encode } from '../../src-main/wire/codec.ts'
import { epochMillis } from '../../src-shared/brands.ts'
import {
  AUTHORITY,
  NOW,
  authority,
  dns,
  gateway,
  issue,
  limits,
  newKey,
  pem,
  san,
} from '../fakes/certificates.ts'
import type { Target } from './targets.ts'

const crypto = createCrypto()
/** The same bytes in every run, so that a failure can be had again. */
const random = { bytes: (length: number) => new Uint8Array(length).fill(0x42) }
const password = Buffer.from('password')
const NOTHING = new Uint8Array(0)

// ---------------------------------------------------------------- EAP

const request = (type: number, data: Uint8Array) =>
  encode(eapPacket, { code: 'request', identifier: 1, type, data })
const response = (type: number, data: Uint8Array) =>
  encode(eapPacket, { code: 'response', identifier: 1, type, data })
const challenge = encode(mschapv2Request, {
  kind: 'challenge',
  id: 1,
  body: { challenge: new Uint8Array(16), name: Buffer.from('gateway') },
})
const mschap = (kind: 'success' | 'failure', text: string) =>
  encode(mschapv2Request, { kind, id: 1, body: { text: Buffer.from(text) } })

const eapRequests = [
  request(EapType.IDENTITY, NOTHING),
  request(EapType.NOTIFICATION, Buffer.from('hello')),
  request(EapType.MSCHAPV2, challenge),
  request(EapType.MSCHAPV2, mschap('success', `S=${'0'.repeat(40)} M=ok`)),
  request(EapType.MSCHAPV2, mschap('failure', `E=691 R=1 C=${'0'.repeat(32)} V=3 M=no`)),
  request(EapType.MD5, Uint8Array.of(4, 1, 2, 3, 4)),
  request(EapType.GTC, Buffer.from('Password: ')),
  encode(eapPacket, { code: 'success', identifier: 1 }),
  encode(eapPacket, { code: 'failure', identifier: 1 }),
]

const peerAfter = (...packets: readonly Uint8Array[]) => {
  const peer = createEapPeer({
    crypto,
    random,
    username: 'alice',
    password,
    allowed: ['mschapv2'],
    serverAuthenticatedBy: 'certificate',
  })
  for (const packet of packets) peer.receive(packet)
  return peer
}

/** No single packet may bring success, neither at the start nor after a challenge. */
function runPeer(input: Uint8Array): boolean {
  const fresh = peerAfter().receive(input)
  const challenged = peerAfter(request(EapType.MSCHAPV2, challenge)).receive(input)
  if (fresh.kind === 'success' || challenged.kind === 'success') throw new Error('success out of nothing')
  return fresh.kind === 'reply' || challenged.kind === 'reply'
}

const serverAfter = (...packets: readonly Uint8Array[]) => {
  const server = createEapServer({
    // One identifier ahead of each packet, so that the seeds are answers.
    random: { bytes: (length) => new Uint8Array(length).fill(1) },
    crypto,
    methods: ['mschapv2', 'md5'],
    password: () => password,
  })
  server.start()
  for (const packet of packets) server.receive(packet)
  return server
}
const answer = encode(mschapv2Response, {
  kind: 'response',
  id: 2,
  body: { peerChallenge: new Uint8Array(16), ntResponse: new Uint8Array(24), name: Buffer.from('alice') },
})
const withIdentifier = (packet: Uint8Array, identifier: number) => {
  const copy = packet.slice()
  copy[1] = identifier
  return copy
}

function runServer(input: Uint8Array): boolean {
  const fresh = serverAfter().receive(input)
  const asked = serverAfter(response(EapType.IDENTITY, Buffer.from('alice'))).receive(input)
  if (fresh.kind === 'success' || asked.kind === 'success') throw new Error('success out of nothing')
  return fresh.kind === 'request' || asked.kind === 'request'
}

// ---------------------------------------------------------------- EAP within TLS

const understood = (read: () => void): boolean => {
  try {
    read()
    return true
  } catch (error) {
    if (error instanceof DecodeError) return false
    throw error
  }
}

/** As the first and as the second fragment of a message; never more is kept than was announced, or than any message has. */
function runFragment(input: Uint8Array): boolean {
  return understood(() => {
    const fragment = decode(tlsFragment, input)
    createReassembly().take(fragment)
    const begun = createReassembly()
    begun.take({ start: false, more: true, version: 0, total: 40, data: new Uint8Array(8) })
    const arrived = begun.take(fragment)
    if (arrived.kind === 'whole' && arrived.message.length > mostMessageBytes)
      throw new Error('too much kept')
  })
}

const fragmentSeeds = [
  { start: true, more: false, version: 0, total: undefined, data: NOTHING },
  { start: false, more: true, version: 0, total: 64, data: new Uint8Array(32) },
  { start: false, more: false, version: 1, total: undefined, data: new Uint8Array(32) },
].map((fragment) => encode(tlsFragment, fragment))

const avpSeeds = [
  encode(avps, [
    { code: 79, vendor: 0, mandatory: true, data: response(EapType.IDENTITY, Buffer.from('alice')) },
  ]),
  encode(avps, [
    { code: 26, vendor: 311, mandatory: true, data: Buffer.from(`\u0001S=${'0'.repeat(40)}`) },
    { code: 18, vendor: 0, mandatory: false, data: Buffer.from('hello') },
  ]),
]

// ---------------------------------------------------------------- signatures

const keyOf = (der: Uint8Array): VerifyingKey => {
  const certificate = parseCertificate(der)
  const key = certificate.ok ? readPublicKey(certificate.value.spki) : certificate
  if (!key.ok) throw new Error(key.error)
  return key.value
}
const verifying = keyOf(authority('CN=Key').der)
const digital = (identifier: string) => {
  const algorithm = Buffer.from(identifier, 'hex')
  return new Uint8Array(Buffer.concat([Buffer.of(algorithm.length), algorithm, Buffer.alloc(70, 0x30)]))
}

/** Gives whether the hash list in front was understood. */
function runSignature(input: Uint8Array): boolean {
  for (const method of [1, 9, 14]) {
    if (verifySignatureAuth(method, input, verifying, NOTHING)) throw new Error('a signature out of nothing')
  }
  try {
    return decodeHashAlgorithms(input).size > 0
  } catch (error) {
    if (error instanceof DecodeError) return false
    throw error
  }
}

// ---------------------------------------------------------------- certificates and keys

const root = authority('CN=Root')
const limited = authority('CN=Limited', {
  by: root,
  extensions: [...AUTHORITY, limits([dns('example.org')])],
})
const trust = await createTrust({ authorities: [root.der] })
const certificates = [
  gateway(root).der,
  gateway(limited).der,
  limited.der,
  issue({ subject: 'CN=self', extensions: [san(dns('vpn.example.org'))] }).der,
]
const genuine = new Set(certificates.map((der) => createHash('sha256').update(der).digest('hex')))

function runCertificate(input: Uint8Array): boolean {
  const read = parseCertificate(input)
  const pemRead = readCertificates(input)
  const question = {
    identity: { kind: 'fqdn', name: 'vpn.example.org' },
    role: 'gateway',
    at: epochMillis(NOW),
  } as const
  // The verification itself is synchronous; a rejection would be an unhandled one and fail the run.
  void trust.verify({ ...question, certificates: [input, limited.der] }).then((result) => {
    const isGenuine = genuine.has(createHash('sha256').update(input).digest('hex'))
    if (result.ok && !isGenuine) throw new Error(`trusted: ${Buffer.from(input).toString('hex')}`)
  })
  return read.ok || pemRead.ok
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/pkcs12.json', import.meta.url), 'utf8'),
) as Record<string, string>
const keySeeds = [
  new Uint8Array(newKey().export({ type: 'pkcs8', format: 'der' })),
  new Uint8Array(Buffer.from(newKey().export({ type: 'pkcs8', format: 'pem' }).toString())),
  new Uint8Array(
    newKey().export({ type: 'pkcs8', format: 'der', cipher: 'aes-128-cbc', passphrase: 'geheim' }),
  ),
]

export const authTargets: readonly Target[] = [
  { name: 'EAP packets at the client', share: 0.2, seeds: eapRequests, run: runPeer },
  {
    name: 'EAP packets at the gateway',
    share: 0.1,
    seeds: [
      response(EapType.IDENTITY, Buffer.from('alice')),
      withIdentifier(response(EapType.MSCHAPV2, answer), 2),
      withIdentifier(response(EapType.MSCHAPV2, Uint8Array.of(3)), 2),
      withIdentifier(response(EapType.NAK, Uint8Array.of(4)), 2),
    ],
    run: runServer,
  },
  { name: 'TLS fragments in EAP', share: 0.2, seeds: fragmentSeeds, run: runFragment },
  {
    name: 'AVPs within EAP-TTLS',
    share: 0.2,
    seeds: avpSeeds,
    run: (input) => understood(() => decode(avps, input)),
  },
  {
    name: 'authentication data and hash lists',
    share: 0.1,
    seeds: [digital('300a06082a8648ce3d040302'), digital('300506032b6570'), Uint8Array.of(0, 1, 0, 2, 0, 5)],
    run: runSignature,
  },
  {
    name: 'certificates',
    share: 0.03,
    seeds: [...certificates, new Uint8Array(Buffer.from(pem(root.der)))],
    run: runCertificate,
  },
  {
    name: 'private keys',
    share: 0.01,
    seeds: keySeeds,
    run: (input) => loadSigningKey(input, Buffer.from('geheim')).ok,
  },
  {
    name: 'PKCS#12 files',
    share: 0.01,
    seeds: ['openssl-nomac', 'openssl-plain'].map(
      (name) => new Uint8Array(Buffer.from(vectors[name] ?? '', 'base64')),
    ),
    run: (input) => readPkcs12(input, Buffer.from('geheim')).ok,
  },
]
