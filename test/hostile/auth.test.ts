/**
 * A gateway that lies in IKE_AUTH. It holds the keys of IKE_SA_INIT, which prove nothing: whoever answers first has them. Until
 * AUTH is right nothing it says may do more than end the attempt; afterwards it may still not give what was never offered.
 */
import { describe, expect, it } from 'vitest'
import { pskAuthentication } from '../../src-main/ike/auth/psk.ts'
import { identityToWire } from '../../src-main/ike/identity.ts'
import { AuthenticationMethod, Notify } from '../../src-main/ike/v2/code-points.ts'
import { responderOctets } from '../../src-main/ike/v2/exchanges/auth-proof.ts'
import { prfOf } from '../../src-main/ike/mac.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { messageId } from '../../src-shared/brands.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { identity, utf8 } from '../exchange/story.ts'
import { createFakePki } from '../fakes/fake-trust.ts'
import { gatewayCertificate, hostileGateway, pki, signatureCredential } from './hostile-gateway.ts'
import type { Setting, Tamper } from './hostile-gateway.ts'
import type { Expected } from './outcome.ts'
import { expectOutcome } from './outcome.ts'
import type { Change } from './payload-changes.ts'
import { dataOf, flippedAt, only, plus, replace, reversed, twice, without } from './payload-changes.ts'

interface Row extends Expected {
  readonly name: string
  readonly change: Change
}

const inAuth =
  (change: Change): Tamper =>
  ({ message, honest, write }) => [message.header.exchange === 35 ? write(change(message.payloads)) : honest]

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const unknown = (critical: boolean): Payload => ({ type: 'unknown', number: 200, critical, data: bytes(4) })
const violation = (reason: string): Expected => ({ ends: 'protocol-violation', details: { reason } })
const countedAndRefused: Expected = { ...violation('payload-counts'), drops: ['payload-counts'] }
const notProven = (reason: string): Expected => ({ ends: 'gateway-not-authenticated', details: { reason } })
const withMethod = (method: number): Change =>
  replace('authentication', (payload) => ({ ...payload, method }))
const asIdentity = (text: string): Change =>
  replace('id-responder', () => ({ type: 'id-responder', ...identityToWire(identity(text)) }))

const common: readonly Row[] = [
  { name: 'payloads in another order', change: reversed, ends: 'connected' },
  { name: 'an unknown payload that does not matter', change: plus(unknown(false)), ends: 'connected' },
  { name: 'an unknown status notify', change: plus(notify(50_000)), ends: 'connected' },
  {
    name: 'an unknown payload that is critical',
    change: plus(unknown(true)),
    ...violation('unsupported-critical-payload'),
  },
  { name: 'two AUTH payloads', change: twice('authentication'), ...countedAndRefused },
  { name: 'two identities', change: twice('id-responder'), ...countedAndRefused },
  { name: 'two SA payloads', change: twice('sa'), ...countedAndRefused },
  { name: 'two configurations', change: twice('configuration'), ...countedAndRefused },
  { name: 'two TSi', change: twice('ts-initiator'), ...countedAndRefused },
  {
    name: 'a key exchange',
    change: plus({ type: 'ke', group: 31, data: bytes(32, 9) }),
    ...countedAndRefused,
  },
  { name: 'a nonce', change: plus({ type: 'nonce', data: bytes(32, 9) }), ...countedAndRefused },
  { name: 'a Delete', change: plus({ type: 'delete', protocol: 1, spis: [] }), ...countedAndRefused },
  {
    name: 'the identity of an initiator',
    change: plus({ type: 'id-initiator', kind: 2, data: utf8('x') }),
    ...countedAndRefused,
  },
  { name: 'no AUTH', change: without('authentication'), ...countedAndRefused },
  { name: 'nothing', change: only(), ...countedAndRefused },
  { name: 'SA and selectors alone', change: without('authentication', 'id-responder'), ...countedAndRefused },
  {
    name: 'AUTH without identity',
    change: without('id-responder'),
    ends: 'protocol-violation',
  },
  {
    name: 'AUTH with one bit wrong',
    change: dataOf('authentication', flippedAt(-1)),
    ends: 'gateway-not-authenticated',
  },
  {
    name: 'AUTH cut by a byte',
    change: dataOf('authentication', (data) => data.subarray(1)),
    ends: 'gateway-not-authenticated',
  },
  {
    name: 'AUTH of no bytes',
    change: dataOf('authentication', () => bytes(0)),
    ends: 'gateway-not-authenticated',
  },
  {
    name: 'AUTH of zeros',
    change: dataOf('authentication', (data) => data.fill(0)),
    ends: 'gateway-not-authenticated',
  },
  {
    name: 'the NULL method',
    change: withMethod(AuthenticationMethod.NULL),
    ends: 'gateway-not-authenticated',
  },
  { name: 'a method that nobody knows', change: withMethod(200), ends: 'gateway-not-authenticated' },
  { name: 'method 0', change: withMethod(0), ends: 'gateway-not-authenticated' },
  {
    name: 'an identity of a type that nobody knows',
    change: replace('id-responder', (id) => ({ ...id, kind: 200 })),
    ...notProven('unusable identity'),
  },
  {
    name: 'a name of control characters',
    change: dataOf('id-responder', () => utf8('a\u001b[2J')),
    ...notProven('unusable identity'),
  },
  {
    name: 'a distinguished name that is garbage',
    change: replace('id-responder', (id) => ({ ...id, kind: 9 })),
    ...notProven('unusable identity'),
  },
  {
    name: 'an EAP payload that nobody asked for',
    change: (all) => [
      ...without('sa', 'ts-initiator', 'ts-responder', 'configuration')(all),
      { type: 'eap', data: Uint8Array.of(1, 1, 0, 5, 1) },
    ],
    ends: 'protocol-violation',
  },
  { name: 'a refusal', change: only(notify(Notify.AUTHENTICATION_FAILED)), ends: 'authentication-refused' },
  { name: 'an error that nobody knows', change: only(notify(9_999)), ends: 'gateway-internal' },
  { name: 'nothing but a status', change: only(notify(50_000)), ...notProven('no AUTH payload') },
]

describe.each<Setting>(['psk', 'certificate'])('a gateway that lies in IKE_AUTH, %s', (setting) => {
  it.each(common)('$name → $ends', ({ change, ...expected }) =>
    expectOutcome({ setting, tamper: inAuth(change) }, expected),
  )
})

describe('a gateway that has to know the shared secret', () => {
  it.each<Row>([
    {
      name: 'a name that AUTH does not cover',
      change: asIdentity('other.example.test'),
      ends: 'gateway-not-authenticated',
    },
    {
      name: 'reserved bytes that AUTH does not cover',
      change: replace('id-responder', (id) => ({
        type: 'unknown',
        number: 36,
        critical: false,
        data: Uint8Array.of(id.kind, 1, 2, 3, ...id.data),
      })),
      ...notProven('shared secret'),
    },
    {
      name: 'a signature method',
      change: withMethod(AuthenticationMethod.DIGITAL_SIGNATURE),
      ...notProven('shared secret'),
    },
    {
      name: 'the RSA method',
      change: withMethod(AuthenticationMethod.RSA_DIGITAL_SIGNATURE),
      ...notProven('shared secret'),
    },
  ])('$name → $ends', ({ change, ...expected }) =>
    expectOutcome({ setting: 'psk', tamper: inAuth(change) }, expected),
  )

  it('another name, proven with the secret, is not the one dialled', () =>
    expectOutcome(
      { setting: 'psk', story: { gateway: { localIdentity: identity('other.example.test') } } },
      {
        ends: 'gateway-not-authenticated',
        details: { expected: 'vpn.example.test', claimed: 'other.example.test' },
      },
    ))

  it('our own AUTH sent back proves nothing', async () => {
    const reflected: { data?: Uint8Array } = {}
    const hostile = hostileGateway({
      setting: 'psk',
      tamper: ({ message, honest, write }) => {
        if (message.header.exchange !== 35) return [honest]
        const [accepting] = hostile.story.acceptedBy
        const sent = hostile.story.wire.sent.findLast(({ from }) => from === 'client')
        if (accepting === undefined || sent === undefined) throw new Error('nothing to reflect')
        const payloads = hostile.openClient(sent.bytes).payloads
        const auth = payloads.find(({ type }) => type === 'authentication')
        if (auth?.type !== 'authentication') throw new Error('the client sent no AUTH')
        reflected.data = auth.data
        return [write(replace('authentication', () => auth)(message.payloads))]
      },
    })
    const { failure } = await hostile.dial()
    expect(hostile.errors).toEqual([])
    expect(reflected.data).toHaveLength(32)
    expect(failure).toMatchObject({ code: 'gateway-not-authenticated' })
  })
})

describe('a gateway that has to have a certificate', () => {
  const signed = (credential: ReturnType<typeof signatureCredential>) => ({
    setting: 'certificate' as const,
    story: { gateway: { local: credential } },
  })

  it.each(['certificate', 'eap'] as const)('a signature by another key is none, %s', (setting) =>
    expectOutcome(
      {
        setting,
        story: {
          gateway: {
            local: signatureCredential({
              ...pki.issue('stranger.test'),
              certificate: gatewayCertificate.certificate,
            }),
          },
        },
      },
      notProven('signature'),
    ),
  )
  it.each(['certificate', 'eap'] as const)(
    'a certificate of an authority that we do not know is refused, %s',
    (setting) =>
      expectOutcome(
        {
          setting,
          story: { gateway: { local: signatureCredential(createFakePki().issue('vpn.example.test', 65)) } },
        },
        { ends: 'certificate-untrusted' },
      ),
  )
  it.each(['certificate', 'eap'] as const)(
    'a good certificate of another name is refused (CVE-2015-4171), %s',
    (setting) =>
      expectOutcome(
        { setting, story: { gateway: { local: signatureCredential(pki.issue('rogue.example.test')) } } },
        { ends: 'certificate-wrong-name' },
      ),
  )
  it('a good certificate of another name is refused also when IDr says so', () =>
    expectOutcome(
      {
        ...signed(signatureCredential(pki.issue('rogue.example.test'))),
        story: {
          gateway: {
            local: signatureCredential(pki.issue('rogue.example.test')),
            localIdentity: identity('rogue.example.test'),
          },
        },
      },
      { ends: 'certificate-wrong-name' },
    ))

  it.each<Row>([
    { name: 'no certificate', change: without('certificate'), ends: 'certificate-untrusted' },
    {
      name: 'a certificate to be fetched from somewhere',
      change: replace('certificate', (payload) => ({ ...payload, encoding: 12 })),
      ends: 'certificate-untrusted',
    },
    {
      name: 'a certificate of no bytes',
      change: dataOf('certificate', () => bytes(0)),
      ends: 'certificate-untrusted',
    },
    {
      name: 'another certificate first',
      change: (all) => [{ type: 'certificate', encoding: 4, data: bytes(40, 7) }, ...all],
      ends: 'certificate-untrusted',
    },
    {
      name: 'a certificate more, behind',
      change: plus({ type: 'certificate', encoding: 4, data: bytes(40, 7) }),
      ends: 'connected',
    },
    {
      name: '65 certificates',
      change: plus(
        ...Array.from({ length: 65 }, (): Payload => ({ type: 'certificate', encoding: 4, data: bytes(4) })),
      ),
      ...violation('malformed'),
    },
    {
      name: 'the shared key method',
      change: withMethod(AuthenticationMethod.SHARED_KEY_MIC),
      ...notProven('signature'),
    },
    {
      name: 'the RSA method',
      change: withMethod(AuthenticationMethod.RSA_DIGITAL_SIGNATURE),
      ...notProven('signature'),
    },
    {
      name: 'an algorithm that is longer than the data',
      change: dataOf('authentication', (data) => Uint8Array.of(255, ...data.subarray(1))),
      ...notProven('signature'),
    },
  ])('$name → $ends', ({ change, ...expected }) =>
    expectOutcome({ setting: 'certificate', tamper: inAuth(change) }, expected),
  )

  it('a right MAC with a secret that anyone can guess is no signature', async () => {
    const hostile = hostileGateway({
      setting: 'certificate',
      tamper: ({ message, honest, write }) => {
        const [accepting] = hostile.story.acceptedBy
        const id = message.payloads.find(({ type }) => type === 'id-responder')
        if (message.header.exchange !== 35 || accepting === undefined || id?.type !== 'id-responder')
          return [honest]
        const crypto = createCrypto()
        const ports = {
          clock: hostile.story.clock,
          crypto,
          random: hostile.story.gateway.random,
          log: () => undefined,
        }
        const data = pskAuthentication(
          prfOf(crypto, accepting.init.sa.suite.prf),
          bytes(0),
          responderOctets(ports, accepting.init, id),
        )
        return [
          write(
            replace('authentication', (auth) => ({
              ...auth,
              method: AuthenticationMethod.SHARED_KEY_MIC,
              data,
            }))(message.payloads),
          ),
        ]
      },
    })
    const { failure } = await hostile.dial()
    expect(hostile.errors).toEqual([])
    expect(failure).toMatchObject({ code: 'gateway-not-authenticated', details: { reason: 'signature' } })
  })

  it('what is proven is the name that was dialled, whatever IDr says', async () => {
    const hostile = hostileGateway({
      setting: 'certificate',
      story: { gateway: { localIdentity: identity('other.example.test') } },
    })
    const { connected } = await hostile.dial()
    expect(connected?.identities.remote).toEqual(identity('vpn.example.test'))
  })
})

describe('a third party during IKE_AUTH', () => {
  const clear: readonly { name: string; said: Tamper; drop: string }[] = [
    {
      name: 'INVALID_SYNTAX in clear',
      said: ({ plain }) => [plain([notify(Notify.INVALID_SYNTAX)])],
      drop: 'unprotected',
    },
    {
      name: 'AUTHENTICATION_FAILED in clear',
      said: ({ plain }) => [plain([notify(Notify.AUTHENTICATION_FAILED)])],
      drop: 'unprotected',
    },
    {
      name: 'INVALID_MAJOR_VERSION in clear',
      said: ({ plain }) => [plain([notify(Notify.INVALID_MAJOR_VERSION)])],
      drop: 'unprotected',
    },
    {
      name: 'INVALID_IKE_SPI in clear',
      said: ({ plain }) => [plain([notify(Notify.INVALID_IKE_SPI)])],
      drop: 'unprotected',
    },
    {
      name: 'the right answer in clear',
      said: ({ plain, message }) => [plain(message.payloads)],
      drop: 'unprotected',
    },
    {
      name: 'a critical payload in clear',
      said: ({ plain }) => [plain([unknown(true)])],
      drop: 'unprotected',
    },
    {
      name: 'an informational refusal in clear',
      said: ({ plain }) => [plain([notify(Notify.AUTHENTICATION_FAILED)], { exchange: 37, response: false })],
      drop: 'message-id-out-of-window',
    },
    {
      name: 'a Delete in clear',
      said: ({ plain }) => [
        plain([{ type: 'delete', protocol: 1, spis: [] }], {
          exchange: 37,
          response: false,
          messageId: messageId(0),
        }),
      ],
      drop: 'unprotected',
    },
    {
      name: 'a bit changed in the protected answer',
      said: ({ honest }) => [flippedAt(-1)(honest.slice())],
      drop: 'not-authentic',
    },
    {
      name: 'the protected answer cut short',
      said: ({ honest }) => [honest.subarray(0, 40)],
      drop: 'length-mismatch',
    },
    { name: 'our own request sent back', said: () => [], drop: 'unknown-ike-spi' },
    {
      name: 'the answer under another message ID',
      said: ({ write, message }) => [write(message.payloads, { messageId: messageId(2) })],
      drop: 'unexpected-response',
    },
    {
      name: 'the answer as another exchange',
      said: ({ write, message }) => [write(message.payloads, { exchange: 36 })],
      drop: 'unexpected-response',
    },
    {
      name: 'the answer as a request',
      said: ({ write, message }) => [write(message.payloads, { response: false })],
      drop: 'message-id-out-of-window',
    },
    {
      name: 'the answer with the initiator flag',
      said: ({ write, message }) => [write(message.payloads, { initiator: true })],
      drop: 'unknown-ike-spi',
    },
    {
      name: 'the answer to another responder SPI',
      said: ({ honest }) => [flippedAt(12)(honest.slice())],
      drop: 'unknown-ike-spi',
    },
    {
      name: 'a protected answer to IKE_SA_INIT',
      said: ({ write, message }) => [write(message.payloads, { exchange: 34, messageId: messageId(0) })],
      drop: 'unexpected-response',
    },
    {
      name: 'version 3, protected',
      said: ({ sealed }) => [sealed((head) => head.setUint8(17, 0x30))],
      drop: 'wrong-major-version',
    },
  ]
  it.each(clear)('$name is counted, and the right answer taken', async ({ name, said, drop }) => {
    const hostile = hostileGateway({
      setting: 'eap',
      tamper: (heard) => {
        if (heard.message.header.exchange !== 35 || heard.before > 0) return [heard.honest]
        const sent = hostile.story.wire.sent.findLast(({ from }) => from === 'client')
        if (name === 'our own request sent back') return [sent?.bytes ?? bytes(0), heard.honest]
        return [...said(heard), heard.honest]
      },
    })
    const { failure } = await hostile.dial()
    expect(hostile.errors).toEqual([])
    expect(failure).toBeUndefined()
    expect(hostile.story.client.drops[0]).toBe(drop)
    hostile.story.close()
  })
})
