/**
 * A gateway, or somebody in between, that lies in IKE_SA_INIT. Nothing in it is authentic, so that a lie may only cost a counter;
 * where the honest answer never comes, the attempt ends with a failure that has a name.
 */
import { describe, expect, it } from 'vitest'
import { Notify, TransformType } from '../../src-main/ike/v2/code-points.ts'
import { decodeMessage } from '../../src-main/ike/v2/message.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { proposal } from '../exchange/story.ts'
import { hostileGateway } from './hostile-gateway.ts'
import type { FirstAnswer, Tamper } from './hostile-gateway.ts'
import type { Expected } from './outcome.ts'
import { expectOutcome } from './outcome.ts'
import type { Change } from './payload-changes.ts'
import {
  dataOf,
  inProposals,
  inTransforms,
  only,
  otherTransform,
  plus,
  replace,
  reversed,
  twice,
  without,
} from './payload-changes.ts'

interface Row extends Expected {
  readonly name: string
  readonly change: Change
}

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const group = (id: number): Uint8Array => Uint8Array.of(id >> 8, id & 0xff)
const unknown = (number: number, critical: boolean): Payload => ({
  type: 'unknown',
  number,
  critical,
  data: bytes(8),
})
const configured = {
  ike: [proposal('ike', 'aes256-sha256-x25519-ecp256')],
  esp: [proposal('esp', 'aes256gcm16')],
}

const inInit =
  (change: Change, repeatedly = true): Tamper =>
  ({ message, before, honest, write }) =>
    message.header.exchange === 34 && (repeatedly || before === 0)
      ? [write(change(message.payloads))]
      : [honest]

const dropped = (reason: string): Expected => ({ ends: 'gateway-unreachable', drops: [reason] })
const violation = (reason: string): Expected => ({ ends: 'protocol-violation', details: { reason } })
const neverOffered = violation('an algorithm chosen that was not offered')

const oddHashes = replace('notify', (payload) =>
  payload.notify === Notify.SIGNATURE_HASH_ALGORITHMS ? { ...payload, data: bytes(3) } : payload,
)

const rows: readonly Row[] = [
  // ---- harmless: the RFC leaves room for them
  { name: 'payloads in another order', change: reversed, ends: 'connected' },
  { name: 'an unknown payload that does not matter', change: plus(unknown(200, false)), ends: 'connected' },
  { name: 'an unknown status notify', change: plus(notify(50_000)), ends: 'connected' },
  { name: 'a vendor ID', change: plus({ type: 'vendor-id', data: bytes(16) }), ends: 'connected' },
  {
    name: 'NAT detection hashes that are garbage',
    change: replace('notify', (payload) =>
      payload.notify === Notify.SIGNATURE_HASH_ALGORITHMS ? payload : { ...payload, data: bytes(3) },
    ),
    ends: 'connected',
  },
  { name: 'no notifies at all', change: without('notify'), ends: 'connected' },
  // ---- payloads added, repeated, missing
  {
    name: 'an unknown payload that is critical',
    change: plus(unknown(200, true)),
    ...dropped('unsupported-critical-payload'),
  },
  { name: 'two SA payloads', change: twice('sa'), ...dropped('payload-counts') },
  { name: 'two key exchanges', change: twice('ke'), ...dropped('payload-counts') },
  { name: 'two nonces', change: twice('nonce'), ...dropped('payload-counts') },
  { name: 'no SA', change: without('sa'), ...dropped('payload-counts') },
  { name: 'no key exchange', change: without('ke'), ...dropped('payload-counts') },
  { name: 'no nonce', change: without('nonce'), ...dropped('payload-counts') },
  { name: 'nothing', change: only(), ...dropped('payload-counts') },
  {
    name: 'AUTH already here',
    change: plus({ type: 'authentication', method: 2, data: bytes(32) }),
    ...dropped('payload-counts'),
  },
  {
    name: 'EAP already here',
    change: plus({ type: 'eap', data: Uint8Array.of(3, 0, 0, 4) }),
    ...dropped('payload-counts'),
  },
  { name: 'a Delete', change: plus({ type: 'delete', protocol: 1, spis: [] }), ...dropped('payload-counts') },
  {
    name: '65 notifies',
    change: plus(...Array.from({ length: 65 }, () => notify(50_000))),
    ...dropped('malformed'),
  },
  {
    name: 'status notifies alone',
    change: only(notify(50_000), notify(16_388, bytes(20))),
    ...dropped('unacceptable-response'),
  },
  // ---- choices that were never offered
  { name: 'another cipher', change: otherTransform(TransformType.ENCR, 3), ...neverOffered },
  { name: 'NULL encryption', change: otherTransform(TransformType.ENCR, 11), ...neverOffered },
  { name: 'another key length', change: otherTransform(TransformType.ENCR, 12, 128), ...neverOffered },
  { name: 'no key length', change: otherTransform(TransformType.ENCR, 12), ...neverOffered },
  { name: 'another PRF', change: otherTransform(TransformType.PRF, 1), ...neverOffered },
  { name: 'another integrity algorithm', change: otherTransform(TransformType.INTEG, 2), ...neverOffered },
  { name: 'integrity NONE', change: otherTransform(TransformType.INTEG, 0), ...neverOffered },
  { name: 'another group', change: otherTransform(TransformType.KE, 2), ...neverOffered },
  { name: 'group NONE', change: otherTransform(TransformType.KE, 0), ...neverOffered },
  {
    name: 'group 1025, which some programs use within (CVE-2014-9221)',
    change: otherTransform(TransformType.KE, 1025),
    ...neverOffered,
  },
  {
    name: 'a group that was offered, not the one of the key exchange',
    change: otherTransform(TransformType.KE, 19),
    ...violation('key exchange of another group'),
  },
  {
    name: 'a cipher with an attribute nobody knows',
    change: otherTransform(TransformType.ENCR, 12, 257),
    ...neverOffered,
  },
  {
    name: 'no PRF',
    change: inTransforms((transforms) => transforms.filter(({ type }) => type !== TransformType.PRF)),
    ...violation('not exactly one algorithm of each kind chosen'),
  },
  {
    name: 'no integrity',
    change: inTransforms((transforms) => transforms.filter(({ type }) => type !== TransformType.INTEG)),
    ...violation('not exactly one algorithm of each kind chosen'),
  },
  {
    name: 'two ciphers',
    change: inTransforms((transforms) => [
      ...transforms,
      ...transforms.filter(({ type }) => type === TransformType.ENCR),
    ]),
    ...violation('not exactly one algorithm of each kind chosen'),
  },
  {
    name: 'sequence numbers, which an IKE SA has not',
    change: inTransforms((transforms) => [...transforms, { type: TransformType.SN, id: 0 }]),
    ...neverOffered,
  },
  {
    name: 'two proposals',
    change: inProposals((proposals) => [...proposals, ...proposals]),
    ...violation('not exactly one proposal chosen'),
  },
  {
    name: 'a proposal number that was not offered',
    change: inProposals((proposals) => proposals.map((one) => ({ ...one, number: 9 }))),
    ...violation('a proposal chosen that was not offered'),
  },
  {
    name: 'an ESP proposal',
    change: inProposals((proposals) => proposals.map((one) => ({ ...one, protocol: 3 }))),
    ...violation('a proposal chosen that was not offered'),
  },
  // ---- key exchange and nonce
  {
    name: 'a key exchange of another group',
    change: replace('ke', (ke) => ({ ...ke, group: 19 })),
    ...violation('key exchange of another group'),
  },
  {
    name: 'a public value of zeros',
    change: dataOf('ke', (data) => data.fill(0)),
    ...violation('invalid-public-value'),
  },
  {
    name: 'a public value of ones',
    change: dataOf('ke', (data) => data.fill(0xff)),
    ends: 'gateway-unreachable',
  },
  {
    name: 'a public value cut short',
    change: dataOf('ke', (data) => data.subarray(1)),
    ...violation('invalid-public-value'),
  },
  {
    name: 'a public value of 60 kB (CVE-2023-41913)',
    change: dataOf('ke', () => bytes(60_000, 7)),
    ...violation('invalid-public-value'),
  },
  { name: 'no public value', change: dataOf('ke', () => bytes(0)), ...violation('invalid-public-value') },
  { name: 'odd hash algorithms', change: oddHashes, ...violation('hash algorithms') },
  // ---- refusals, which are not authentic
  { name: 'NO_PROPOSAL_CHOSEN', change: only(notify(Notify.NO_PROPOSAL_CHOSEN)), ends: 'no-common-proposal' },
  {
    name: 'AUTHENTICATION_FAILED',
    change: only(notify(Notify.AUTHENTICATION_FAILED)),
    ends: 'authentication-refused',
  },
  { name: 'an error nobody knows', change: only(notify(9_999)), ends: 'gateway-internal' },
  { name: 'a cookie of no bytes', change: only(notify(Notify.COOKIE)), ...dropped('unacceptable-response') },
  {
    name: 'a cookie of 65 bytes',
    change: only(notify(Notify.COOKIE, bytes(65))),
    ...dropped('unacceptable-response'),
  },
  {
    name: 'a wish for a group that was never offered',
    change: only(notify(Notify.INVALID_KE_PAYLOAD, group(14))),
    ends: 'no-common-proposal',
  },
  {
    name: 'a wish for a group that nobody knows',
    change: only(notify(Notify.INVALID_KE_PAYLOAD, group(1025))),
    ends: 'no-common-proposal',
  },
  {
    name: 'a wish for no group',
    change: only(notify(Notify.INVALID_KE_PAYLOAD)),
    ...dropped('unacceptable-response'),
  },
  {
    name: 'a wish for the very group it has been sent',
    change: only(notify(Notify.INVALID_KE_PAYLOAD, group(31))),
    ...dropped('unacceptable-response'),
  },
]

describe('a gateway that lies in IKE_SA_INIT', () => {
  it.each(rows)('$name → $ends', ({ change, ...expected }) =>
    expectOutcome(
      {
        setting: 'psk',
        story: { client: { proposals: configured }, gateway: { proposals: configured } },
        tamper: inInit(change),
      },
      expected,
    ),
  )

  it.each([15, 257])('a nonce of %i bytes is not even read (RFC 7296 section 3.9)', (length) =>
    expectOutcome(
      {
        tamper: inInit(
          replace('nonce', () => ({ type: 'unknown', number: 40, critical: false, data: bytes(length) })),
        ),
      },
      dropped('malformed'),
    ),
  )
})

describe('a third party in IKE_SA_INIT, before the honest answer', () => {
  const forged: readonly { name: string; change: Change; drops?: readonly string[] }[] = [
    { name: 'NO_PROPOSAL_CHOSEN', change: only(notify(Notify.NO_PROPOSAL_CHOSEN)) },
    { name: 'AUTHENTICATION_FAILED', change: only(notify(Notify.AUTHENTICATION_FAILED)) },
    { name: 'INVALID_SYNTAX', change: only(notify(Notify.INVALID_SYNTAX)) },
    { name: 'INVALID_MAJOR_VERSION', change: only(notify(Notify.INVALID_MAJOR_VERSION)) },
    {
      name: 'a wish for a group that was never offered',
      change: only(notify(Notify.INVALID_KE_PAYLOAD, group(14))),
    },
    { name: 'a choice that was never offered', change: otherTransform(TransformType.ENCR, 3) },
    { name: 'two proposals', change: inProposals((proposals) => [...proposals, ...proposals]) },
    { name: 'a key exchange of another group', change: replace('ke', (ke) => ({ ...ke, group: 19 })) },
    { name: 'odd hash algorithms', change: oddHashes },
    { name: 'no nonce', change: without('nonce'), drops: ['payload-counts'] },
    { name: 'garbage', change: only(unknown(200, true)), drops: ['unsupported-critical-payload'] },
  ]
  it.each(forged)('$name → connected all the same', async ({ change, drops = [] }) =>
    expectOutcome(
      {
        story: { client: { proposals: configured } },
        signsItsFirstMessage: false,
        tamper: ({ message, before, honest, write }) =>
          message.header.exchange === 34 && before === 0
            ? [write(change(message.payloads)), honest]
            : [honest],
      },
      { ends: 'connected', drops },
    ),
  )
})

describe('the header of a first answer', () => {
  const headers: readonly ({ name: string; edit: (view: DataView) => void } & Expected)[] = [
    { name: 'another initiator SPI', edit: (view) => view.setUint32(0, 7), ...dropped('unknown-ike-spi') },
    { name: 'initiator SPI 0', edit: (view) => view.setBigUint64(0, 0n), ...dropped('unknown-ike-spi') },
    {
      name: 'responder SPI 0',
      edit: (view) => view.setBigUint64(8, 0n),
      ...dropped('unacceptable-response'),
    },
    { name: 'major version 1', edit: (view) => view.setUint8(17, 0x10), ...dropped('wrong-major-version') },
    { name: 'major version 3', edit: (view) => view.setUint8(17, 0x30), ...dropped('wrong-major-version') },
    { name: 'major version 0', edit: (view) => view.setUint8(17, 0x00), ...dropped('wrong-major-version') },
    // RFC 7296 section 2.5: a higher minor version is to be understood.
    { name: 'minor version 7', edit: (view) => view.setUint8(17, 0x27), ends: 'connected' },
    {
      name: 'the reserved flags set',
      edit: (view) => view.setUint8(19, (0xe7 & ~0x08) | 0x20),
      ends: 'connected',
    },
    { name: 'the version flag set', edit: (view) => view.setUint8(19, 0x30), ends: 'connected' },
    {
      name: 'no response bit',
      edit: (view) => view.setUint8(19, 0x00),
      ...dropped('request-before-authentication'),
    },
    { name: 'the initiator bit', edit: (view) => view.setUint8(19, 0x28), ...dropped('unknown-ike-spi') },
    {
      name: 'the initiator bit, and our SPI in both places',
      edit: (view) => {
        view.setUint8(19, 0x28)
        view.setBigUint64(8, view.getBigUint64(0))
      },
      ...dropped('reflected'),
    },
    { name: 'another exchange', edit: (view) => view.setUint8(18, 35), ...dropped('unexpected-response') },
    {
      name: 'an exchange nobody knows',
      edit: (view) => view.setUint8(18, 250),
      ...dropped('unexpected-response'),
    },
    { name: 'message ID 1', edit: (view) => view.setUint32(20, 1), ...dropped('unexpected-response') },
    {
      name: 'message ID 2^32 - 1',
      edit: (view) => view.setUint32(20, 0xffff_ffff),
      ...dropped('unexpected-response'),
    },
    {
      name: 'a length one too small',
      edit: (view) => view.setUint32(24, view.byteLength - 1),
      ...dropped('length-mismatch'),
    },
    {
      name: 'a length one too large',
      edit: (view) => view.setUint32(24, view.byteLength + 1),
      ...dropped('length-mismatch'),
    },
    { name: 'length 0', edit: (view) => view.setUint32(24, 0), ...dropped('length-mismatch') },
    {
      name: 'length 2^32 - 1',
      edit: (view) => view.setUint32(24, 0xffff_ffff),
      ...dropped('length-mismatch'),
    },
    { name: 'an Encrypted payload first', edit: (view) => view.setUint8(16, 46), ...dropped('malformed') },
    { name: 'a payload length of 0', edit: (view) => view.setUint16(30, 0), ...dropped('malformed') },
    {
      name: 'a payload length of 65,535',
      edit: (view) => view.setUint16(30, 0xffff),
      ...dropped('malformed'),
    },
    {
      name: 'the reserved bits of a payload set',
      edit: (view) => view.setUint8(29, 0x7f),
      ends: 'connected',
    },
    {
      name: 'the critical bit of a payload that is known',
      edit: (view) => view.setUint8(29, 0x80),
      ends: 'connected',
    },
  ]
  it.each(headers)('$name → $ends', ({ edit, ...expected }) =>
    expectOutcome(
      {
        tamper: ({ message, honest }) => {
          if (message.header.exchange !== 34) return [honest]
          const changed = honest.slice()
          edit(new DataView(changed.buffer))
          return [changed]
        },
      },
      expected,
    ),
  )
})

describe('what would never end', () => {
  const answers = (first: FirstAnswer) =>
    hostileGateway({ story: { client: { proposals: configured } }, firstAnswer: first })
  const requests = ({ story }: ReturnType<typeof hostileGateway>) =>
    story.wire.sent.filter(({ from }) => from === 'client').length

  it('cookies without end are followed a few times', async () => {
    const hostile = answers((before) => [notify(Notify.COOKIE, bytes(8, before + 1))])
    const { failure } = await hostile.dial()
    expect(failure).toMatchObject({ code: 'protocol-violation' })
    expect(requests(hostile)).toBe(5)
  })

  it('the same cookie again is not an answer to the request that shows it', async () => {
    const hostile = answers(() => [notify(Notify.COOKIE, bytes(8))])
    const { failure } = await hostile.dial()
    expect(failure).toMatchObject({ code: 'gateway-unreachable' })
    expect(hostile.story.client.drops).toContain('unacceptable-response')
    expect(requests(hostile)).toBeLessThan(10)
  })

  it('groups to and fro are followed a few times', async () => {
    const hostile = answers((before) => [
      notify(Notify.INVALID_KE_PAYLOAD, group(before % 2 === 0 ? 19 : 31)),
    ])
    const { failure } = await hostile.dial()
    expect(failure).toMatchObject({ code: 'protocol-violation' })
    expect(requests(hostile)).toBe(5)
  })

  it('a message of 65,535 payloads or of 64 KiB is not read to its end', async () => {
    const many = new Uint8Array(28 + 4 * 65_535)
    const hostile = hostileGateway({
      tamper: ({ message, honest }) => {
        if (message.header.exchange !== 34) return [honest]
        many.set(honest.subarray(0, 28))
        const view = new DataView(many.buffer)
        view.setUint8(16, 43)
        for (let at = 28; at < many.length; at += 4) view.setUint32(at, 43 * 2 ** 24 + 4)
        view.setUint32(24, many.length)
        const large = many.slice(0, 65_507)
        new DataView(large.buffer).setUint32(24, large.length)
        return [many.slice(), large, honest]
      },
      signsItsFirstMessage: false,
    })
    const { failure } = await hostile.dial()
    expect(failure).toBeUndefined()
    expect(hostile.story.client.drops).toEqual(['malformed', 'malformed'])
    expect(decodeMessage(many)).toMatchObject({ kind: 'dropped', reason: 'malformed' })
  })
})

describe('a slow path, on which the first request is repeated and answered each time', () => {
  const threeTimes: Tamper = ({ honest, before }) => (before === 0 ? [honest, honest, honest] : [honest])
  it('takes the demand for a cookie once', () =>
    expectOutcome(
      { story: { cookies: () => true }, tamper: threeTimes },
      { ends: 'connected', drops: ['unacceptable-response'] },
    ))
  it('takes the wish for another group once', () =>
    expectOutcome(
      {
        story: {
          client: { proposals: configured },
          gateway: { proposals: { ...configured, ike: [proposal('ike', 'aes256-sha256-ecp256')] } },
        },
        tamper: threeTimes,
      },
      { ends: 'connected', drops: ['unacceptable-response'] },
    ))
})
