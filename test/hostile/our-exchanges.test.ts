/** Exchanges that we begin on a connection that stands, answered by a gateway that lies: what stands goes on standing. */
import { describe, expect, it } from 'vitest'
import { Notify, Protocol, TransformType } from '../../src-main/ike/v2/code-points.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { keysAgree, proposal, selector } from '../exchange/story.ts'
import { established } from './established.ts'
import type { HostileOptions, Tamper } from './hostile-gateway.ts'
import type { Change } from './payload-changes.ts'
import {
  dataOf,
  inProposals,
  inTransforms,
  only,
  otherTransform,
  plus,
  replace,
  twice,
  without,
} from './payload-changes.ts'

interface Row {
  readonly name: string
  readonly change: Change
  readonly drops?: readonly string[]
}

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const proposals = {
  ike: [proposal('ike', 'aes256-sha256-x25519-ecp256')],
  esp: [proposal('esp', 'aes256gcm16-x25519-ecp256-noesn')],
}
const inCreateChild =
  (change: Change): Tamper =>
  ({ message, honest, write }) => [
    message.header.exchange === 36 && message.header.response ? write(change(message.payloads)) : honest,
  ]
const lying = (change: Change): HostileOptions => ({
  tamper: inCreateChild(change),
  story: { client: { proposals }, gateway: { proposals } },
})
const withSpi = (spi: Uint8Array): Change => inProposals((all) => all.map((one) => ({ ...one, spi })))
const counts = ['payload-counts']

const both: readonly Row[] = [
  { name: 'nothing', change: only(), drops: counts },
  { name: 'no nonce', change: without('nonce'), drops: counts },
  { name: 'two nonces', change: twice('nonce'), drops: counts },
  { name: 'two SA payloads', change: twice('sa'), drops: counts },
  { name: 'two key exchanges', change: twice('ke'), drops: counts },
  { name: 'AUTH', change: plus({ type: 'authentication', method: 2, data: bytes(32) }), drops: counts },
  {
    name: 'an unknown critical payload',
    change: plus({ type: 'unknown', number: 200, critical: true, data: bytes(1) }),
    drops: ['unsupported-critical-payload'],
  },
  {
    name: 'a nonce of 15 bytes',
    change: replace('nonce', () => ({ type: 'unknown', number: 40, critical: false, data: bytes(15) })),
    drops: ['malformed'],
  },
  { name: 'two proposals', change: inProposals((all) => [...all, ...all]) },
  {
    name: 'a proposal number that was not offered',
    change: inProposals((all) => all.map((one) => ({ ...one, number: 7 }))),
  },
  { name: 'another cipher', change: otherTransform(TransformType.ENCR, 3) },
  { name: 'another key length', change: otherTransform(TransformType.ENCR, 20, 128) },
  {
    name: 'two ciphers',
    change: inTransforms((all) => [...all, ...all.filter(({ type }) => type === TransformType.ENCR)]),
  },
  { name: 'another group than the key exchange sent', change: otherTransform(TransformType.KE, 19) },
  { name: 'a group that was not offered', change: otherTransform(TransformType.KE, 14) },
  {
    name: 'no perfect forward secrecy',
    change: inTransforms((all) => all.filter(({ type }) => type !== TransformType.KE)),
  },
  { name: 'a key exchange of another group', change: replace('ke', (ke) => ({ ...ke, group: 19 })) },
  { name: 'a public value of zeros', change: dataOf('ke', (data) => data.fill(0)) },
  { name: 'a public value cut short', change: dataOf('ke', (data) => data.subarray(1)) },
  {
    name: 'an SPI of zeros',
    change: inProposals((all) => all.map((one) => ({ ...one, spi: bytes(one.spi.length) }))),
  },
  { name: 'an SPI of no bytes', change: withSpi(bytes(0)) },
  { name: 'an SPI of 5 bytes', change: withSpi(bytes(5, 1)) },
  {
    name: 'a wish for a group that was never offered',
    change: only(notify(Notify.INVALID_KE_PAYLOAD, Uint8Array.of(0, 14))),
  },
  {
    name: 'a wish for the group it has been sent',
    change: only(notify(Notify.INVALID_KE_PAYLOAD, Uint8Array.of(0, 31))),
  },
  {
    name: 'a wish for another group without end',
    change: only(notify(Notify.INVALID_KE_PAYLOAD, Uint8Array.of(0, 19))),
  },
  { name: 'a wish for no group', change: only(notify(Notify.INVALID_KE_PAYLOAD)) },
  { name: 'NO_PROPOSAL_CHOSEN', change: only(notify(Notify.NO_PROPOSAL_CHOSEN)) },
  { name: 'NO_ADDITIONAL_SAS', change: only(notify(Notify.NO_ADDITIONAL_SAS)) },
  { name: 'INVALID_SYNTAX', change: only(notify(Notify.INVALID_SYNTAX)) },
  { name: 'an error that nobody knows', change: only(notify(9_999)) },
  { name: 'a bare status', change: only(notify(50_000)) },
]

const childOnly: readonly Row[] = [
  { name: 'no key exchange', change: without('ke') },
  {
    name: 'a wider network',
    change: replace('ts-responder', (payload) => ({ ...payload, selectors: [selector('0.0.0.0/0')] })),
  },
  {
    name: 'another network',
    change: replace('ts-responder', (payload) => ({ ...payload, selectors: [selector('192.168.0.0/24')] })),
  },
  {
    name: 'a wider network on our side',
    change: replace('ts-initiator', (payload) => ({ ...payload, selectors: [selector('10.9.0.0/16')] })),
  },
  { name: 'no selectors', change: without('ts-initiator', 'ts-responder') },
  { name: 'SPI 255, which is reserved', change: withSpi(Uint8Array.of(0, 0, 0, 255)) },
  { name: 'AH', change: inProposals((all) => all.map((one) => ({ ...one, protocol: 2 }))) },
  { name: 'extended sequence numbers', change: otherTransform(TransformType.SN, 1) },
]

const ikeOnly: readonly Row[] = [
  { name: 'no key exchange', change: without('ke'), drops: counts },
  {
    name: 'a Child SA in its place',
    change: inProposals((all) => all.map((one) => ({ ...one, protocol: Protocol.ESP, spi: bytes(4, 9) }))),
  },
  {
    name: 'selectors beside it',
    change: plus({ type: 'ts-initiator', selectors: [selector('10.9.0.2/32')] }),
    drops: counts,
  },
]

describe('rekeying a Child SA with a gateway that lies', () => {
  it.each([...both, ...childOnly])('$name: the old one stays', async ({ change, drops }) => {
    const on = await established(lying(change))
    on.client.session.rekeyChildOf(on.connected.child.inboundSpi)
    await on.story.settle()
    expect(on.client.drops).toEqual(drops ?? [])
    await on.expectUnchanged()
    on.story.close()
  })

  it('its own nonce sent back makes keys that are new all the same', async () => {
    const echo: { nonce?: Uint8Array } = {}
    const on = await established(
      lying((payloads) => {
        const sent = on.sentSince(0).findLast((datagram) => datagram[18] === 36)
        const nonce =
          sent === undefined
            ? undefined
            : on.hostile.openClient(sent).payloads.find(({ type }) => type === 'nonce')
        if (nonce?.type === 'nonce') echo.nonce = nonce.data
        return replace('nonce', (payload) => ({ ...payload, data: echo.nonce ?? bytes(32) }))(payloads)
      }),
    )
    on.client.session.rekeyChildOf(on.connected.child.inboundSpi)
    await on.story.settle()
    expect(echo.nonce).toHaveLength(32)
    const [first, second] = on.client.effects
    expect(second?.kind).toBe('install')
    expect(keysAgree(first, second)).toBe(false)
    on.story.close()
  })
})

describe('rekeying the IKE SA with a gateway that lies', () => {
  it.each([...both, ...ikeOnly])('$name: the old one stays', async ({ change, drops }) => {
    const on = await established(lying(change))
    on.client.session.rekeyIkeSa()
    await on.story.settle()
    expect(on.client.drops).toEqual(drops ?? [])
    await on.expectUnchanged()
    on.story.close()
  })
})

describe('a gateway that puts us off', () => {
  it('is asked again after a pause, not at the speed of the network', async () => {
    const on = await established({
      laterAnswer: ({ header }) => {
        if (header.exchange === 35) return undefined
        return header.exchange === 36 ? [notify(Notify.TEMPORARY_FAILURE)] : []
      },
    })
    const asked = () => on.sentSince(0).filter((datagram) => datagram[18] === 36).length
    on.client.session.rekeyChildOf(on.connected.child.inboundSpi)
    on.client.session.rekeyIkeSa()
    await on.story.pass(1_000)
    expect(asked()).toBe(2)
    await on.story.pass(60_000)
    expect(asked()).toBeLessThan(32)
    expect(on.client.closed).toBeUndefined()
    on.story.close()
  })

  it('and never answers is given up, once, in time', async () => {
    const on = await established({
      tamper: ({ message, honest }) => (message.header.exchange === 37 ? [] : [honest]),
    })
    on.client.session.probe()
    await on.story.pass(19_000)
    expect(on.client.closed).toBeUndefined()
    await on.story.pass(2_000)
    expect(on.client.closed).toBe('gateway-silent')
    expect(on.client.effects.map(({ kind }) => kind)).toEqual(['install', 'remove'])
  })
})
