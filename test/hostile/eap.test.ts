/**
 * A gateway that lies within EAP. It has proven itself by then (or the password is never asked for); what it may still not do is
 * make the client believe that EAP is through when it is not, or that the password was not needed.
 */
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { pskAuthentication } from '../../src-main/ike/auth/psk.ts'
import { AuthenticationMethod, Notify } from '../../src-main/ike/v2/code-points.ts'
import { responderOctets } from '../../src-main/ike/v2/exchanges/auth-proof.ts'
import { prfOf } from '../../src-main/ike/mac.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { utf8 } from '../exchange/story.ts'
import { hostileGateway, pki, signatureCredential } from './hostile-gateway.ts'
import type { Tamper } from './hostile-gateway.ts'
import type { Expected } from './outcome.ts'
import { expectOutcome } from './outcome.ts'
import type { Change } from './payload-changes.ts'
import { dataOf, flippedAt, only, plus, replace, reversed, twice, without } from './payload-changes.ts'

/** The gateway's answers in IKE_AUTH, in their order; the third follows our MSCHAPv2 response, the fourth is EAP-Success. */
const rounds = { identity: 0, challenge: 1, success: 2, eapSuccess: 3, last: 4 } as const
type Round = keyof typeof rounds

interface Row extends Expected {
  readonly name: string
  readonly at: Round
  readonly change: Change
}

const inRound =
  (at: Round, change: Change): Tamper =>
  ({ message, honest, before, write }) => [
    message.header.exchange === 35 && before === rounds[at] ? write(change(message.payloads)) : honest,
  ]

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const eap = (code: number, ...data: readonly number[]): Payload => ({
  type: 'eap',
  data: Uint8Array.of(code, 7, 0, 4 + data.length, ...data),
})
const success = eap(3)
const failure = eap(4)
const withEap = (payload: Payload): Change => replace('eap', () => payload)
/** MSCHAPv2's Success request with this text. */
const successText = (text: string): Payload => eap(1, 26, 3, 1, 0, 4 + text.length, ...utf8(text))
const violation = (reason?: string): Expected => ({
  ends: 'protocol-violation',
  ...(reason === undefined ? {} : { details: { reason } }),
  proven: true,
})
const early = violation('EAP-Success too early')
const counted: Expected = { ...violation('payload-counts'), drops: ['payload-counts'] }
const refused: Expected = { ends: 'credentials-refused', proven: true }
const notProven: Expected = { ends: 'gateway-not-authenticated', proven: true }

const rows: readonly Row[] = [
  { name: 'payloads in another order', at: 'identity', change: reversed, ends: 'connected' },
  // ---- success that is none (CVE-2021-45079, CVE-2015-8023)
  { name: 'EAP-Success at once', at: 'identity', change: withEap(success), ...early },
  { name: 'EAP-Success after the identity', at: 'challenge', change: only(success), ...early },
  { name: 'EAP-Success in place of the proof S=', at: 'success', change: only(success), ...early },
  { name: 'EAP-Success with data', at: 'eapSuccess', change: only(eap(3, 1, 2)), ...violation() },
  {
    name: 'MSCHAPv2 success before any challenge',
    at: 'challenge',
    change: only(successText('S='.padEnd(42, '0'))),
    ...violation(),
  },
  {
    name: 'MSCHAPv2 success without S=',
    at: 'success',
    change: only(successText('M=Welcome')),
    ...violation(),
  },
  {
    name: 'MSCHAPv2 success with an S= that is wrong',
    at: 'success',
    change: only(successText('S='.padEnd(42, '0'))),
    ...notProven,
  },
  {
    name: 'MSCHAPv2 success with half an S=',
    at: 'success',
    change: only(successText('S=00112233')),
    ...violation(),
  },
  {
    name: 'the challenge again in place of the proof',
    at: 'success',
    change: only(eap(1, 26, 1, 1, 0, 21, 16, ...bytes(16, 9))),
    ...violation(),
  },
  {
    name: 'the proof again in place of EAP-Success',
    at: 'eapSuccess',
    change: only(successText('S='.padEnd(42, '0'))),
    ...violation(),
  },
  {
    name: 'another method in place of the proof',
    at: 'success',
    change: only(eap(1, 6, 80, 58)),
    ...violation(),
  },
  {
    name: 'the question for the identity within the method',
    at: 'success',
    change: only(eap(1, 1)),
    ...violation(),
  },
  // ---- failure
  { name: 'EAP-Failure at once', at: 'identity', change: withEap(failure), ...refused },
  { name: 'EAP-Failure after the proof', at: 'eapSuccess', change: only(failure), ...refused },
  {
    name: 'AUTHENTICATION_FAILED in place of EAP',
    at: 'challenge',
    change: only(notify(Notify.AUTHENTICATION_FAILED)),
    ...refused,
  },
  {
    name: 'AUTHENTICATION_FAILED beside EAP',
    at: 'challenge',
    change: plus(notify(Notify.AUTHENTICATION_FAILED)),
    ...refused,
  },
  {
    name: 'a failure request shorter than it says (CVE-2025-62291)',
    at: 'success',
    change: only(eap(1, 26, 4, 1, 255, 255)),
    ...violation(),
  },
  // ---- methods
  {
    name: 'EAP-TLS, which is not allowed',
    at: 'challenge',
    change: only(eap(1, 13, 0x20)),
    ends: 'eap-method-refused',
    proven: true,
  },
  {
    name: 'MD5, which is not allowed',
    at: 'challenge',
    change: only(eap(1, 4, 16, ...bytes(16))),
    ends: 'eap-method-refused',
    proven: true,
  },
  // ---- EAP packets that are none
  {
    name: 'an EAP payload of no bytes',
    at: 'challenge',
    change: only({ type: 'eap', data: bytes(0) }),
    ...violation(),
  },
  {
    name: 'an EAP length of 0',
    at: 'challenge',
    change: only({ type: 'eap', data: Uint8Array.of(1, 1, 0, 0, 26) }),
    ...violation(),
  },
  {
    name: 'an EAP length of 65,535',
    at: 'challenge',
    change: only({ type: 'eap', data: Uint8Array.of(1, 1, 255, 255, 26, 1) }),
    ...violation(),
  },
  { name: 'an EAP code that nobody knows', at: 'challenge', change: only(eap(9, 1)), ...violation() },
  { name: 'an EAP response', at: 'challenge', change: only(eap(2, 1)), ...violation() },
  { name: 'an EAP request of type Nak', at: 'challenge', change: only(eap(1, 3, 26)), ...violation() },
  {
    name: 'a challenge of 15 bytes',
    at: 'challenge',
    change: only(eap(1, 26, 1, 1, 0, 20, 15, ...bytes(15, 9))),
    ...violation(),
  },
  // ---- what stands around it
  { name: 'two EAP payloads', at: 'challenge', change: twice('eap'), ...counted },
  {
    name: 'EAP and AUTH',
    at: 'challenge',
    change: plus({ type: 'authentication', method: 2, data: bytes(32) }),
    ...counted,
  },
  { name: 'no EAP payload', at: 'challenge', change: only(notify(50_000)), ...violation() },
  { name: 'nothing', at: 'challenge', change: only(), ...counted },
  // ---- before the gateway has proven itself: no password is asked for
  {
    name: 'EAP before AUTH (RFC 5998)',
    at: 'identity',
    change: without('authentication', 'certificate'),
    ends: 'gateway-not-authenticated',
    details: { reason: 'no AUTH payload' },
  },
  {
    name: 'EAP alone',
    at: 'identity',
    change: without('authentication', 'certificate', 'id-responder'),
    ends: 'gateway-not-authenticated',
    details: { reason: 'no AUTH payload' },
  },
  {
    name: 'EAP-Success alone',
    at: 'identity',
    change: only(success),
    ends: 'gateway-not-authenticated',
    details: { reason: 'no AUTH payload' },
  },
  {
    name: 'AUTH with one bit wrong',
    at: 'identity',
    change: dataOf('authentication', flippedAt(-1)),
    ends: 'gateway-not-authenticated',
  },

  // ---- after EAP
  { name: 'no AUTH after EAP', at: 'last', change: without('authentication'), ...counted },
  {
    name: 'AUTH after EAP with one bit wrong',
    at: 'last',
    change: dataOf('authentication', flippedAt(0)),
    ...notProven,
  },
  {
    name: 'AUTH after EAP of zeros',
    at: 'last',
    change: dataOf('authentication', (data) => data.fill(0)),
    ...notProven,
  },
  {
    name: 'AUTH after EAP by another method',
    at: 'last',
    change: replace('authentication', (auth) => ({ ...auth, method: 14 })),
    ...notProven,
  },
  {
    name: 'an identity after EAP',
    at: 'last',
    change: plus({ type: 'id-responder', kind: 2, data: utf8('other.test') }),
    ends: 'connected',
  },
  {
    name: 'EAP once more after EAP-Success',
    at: 'last',
    change: only(eap(1, 1)),
    ends: 'gateway-not-authenticated',
    details: { reason: 'no AUTH payload after EAP' },
    proven: true,
  },
  {
    name: 'a bare status after EAP',
    at: 'last',
    change: only(notify(50_000)),
    ends: 'gateway-not-authenticated',
    details: { reason: 'no AUTH payload after EAP' },
    proven: true,
  },
  {
    name: 'a refusal after EAP',
    at: 'last',
    change: only(notify(Notify.AUTHENTICATION_FAILED)),
    ends: 'authentication-refused',
    proven: true,
  },
]

describe('a gateway that lies within EAP', () => {
  it.each(rows)('$name ($at) → $ends', ({ at, change, ...expected }) =>
    expectOutcome({ setting: 'eap', tamper: inRound(at, change) }, expected),
  )

  const endless: readonly (readonly [string, Payload])[] = [
    ['notifications', eap(1, 2, 72, 105)],
    ['questions for the identity', eap(1, 1)],
    ['methods that are not allowed', eap(1, 13, 0x20)],
  ]
  it.each(endless)('%s without end are answered a few times', async (_name, payload) => {
    const hostile = hostileGateway({
      setting: 'eap',
      laterAnswer: (request, before) =>
        before === 0 || request.header.exchange !== 35 ? undefined : [payload],
    })
    const { failure } = await hostile.dial()
    expect(failure).toMatchObject({ code: 'protocol-violation', details: { reason: 'EAP without end' } })
    expect(hostile.story.wire.sent.filter(({ from }) => from === 'client').length).toBeLessThan(24)
  })

  it('AUTH made without the MSK is none', async () => {
    const hostile = hostileGateway({
      setting: 'eap',
      tamper: ({ message, honest, before, write }) => {
        const [accepting] = hostile.story.acceptedBy
        if (message.header.exchange !== 35 || before !== rounds.last || accepting === undefined)
          return [honest]
        const { init } = accepting
        const crypto = createCrypto()
        const ports = {
          clock: hostile.story.clock,
          crypto,
          random: hostile.story.gateway.random,
          log: () => undefined,
        }
        const octets = responderOctets(ports, init, {
          type: 'id-responder',
          kind: 2,
          data: utf8('vpn.example.test'),
        })
        // What a gateway can compute that does not know the password: RFC 7296 section 2.16 has it for methods without a key only.
        const data = pskAuthentication(prfOf(crypto, init.sa.suite.prf), init.sa.keys.pr, octets)
        return [
          write(
            replace('authentication', () => ({
              type: 'authentication',
              method: AuthenticationMethod.SHARED_KEY_MIC,
              data,
            }))(message.payloads),
          ),
        ]
      },
    })
    const { failure } = await hostile.dial()
    expect(hostile.errors).toEqual([])
    expect(failure).toMatchObject({
      code: 'gateway-not-authenticated',
      details: { reason: 'AUTH after EAP' },
    })
  })
})

describe('the password is not asked for', () => {
  it.each([
    ['a gateway with a certificate of another name', signatureCredential(pki.issue('rogue.example.test'))],
    [
      'a gateway with another key',
      { ...signatureCredential(pki.issue('vpn.example.test', 70)), key: pki.issue('x').key },
    ],
    ['a gateway with a shared key where a certificate is due', { method: 'psk' } as const],
  ])('for %s', async (_name, local) => {
    const hostile = hostileGateway({
      setting: 'eap',
      story: {
        gateway: {
          local,
          clients: { psk: () => utf8('x'), eap: { methods: ['gtc'], password: () => utf8('x') } },
        },
      },
    })
    const { failure } = await hostile.dial()
    expect(failure).toBeDefined()
    expect(hostile.asked).toEqual([])
  })

  it('for a gateway with a shared key that does not know it', async () => {
    const hostile = hostileGateway({
      setting: 'eap-with-psk-gateway',
      story: {
        gateway: {
          clients: { psk: () => utf8('guess'), eap: { methods: ['mschapv2'], password: () => utf8('x') } },
        },
      },
    })
    const { failure } = await hostile.dial()
    expect(failure).toMatchObject({ code: 'gateway-not-authenticated' })
    expect(hostile.asked).toEqual(['shared secret'])
  })

  it('for a gateway that goes straight to the end', () =>
    expectOutcome(
      { setting: 'eap', tamper: inRound('identity', without('eap')) },
      { ends: 'protocol-violation', details: { missing: 'eap' } },
    ))
})
