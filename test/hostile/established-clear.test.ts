/** A third party, when the connection stands: whatever it sends costs a counter. */
import { describe, expect, it } from 'vitest'
import { messageId } from '../../src-shared/brands.ts'
import { readIkeHeader } from '../../src-main/ike/header.ts'
import { Notify } from '../../src-main/ike/v2/code-points.ts'
import { encodeMessage } from '../../src-main/ike/v2/message.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { ikeSpi } from '../../src-shared/brands.ts'
import type { Established } from './established.ts'
import { createChildSa, established, everyError, informational } from './established.ts'
import { flippedAt } from './payload-changes.ts'

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const deleteIke: Payload = { type: 'delete', protocol: 1, spis: [] }

interface Row {
  readonly name: string
  readonly datagram: (on: Established) => Uint8Array
  readonly drop: string
}

const recorded = ({ story }: Established, exchange: number, response: boolean): Uint8Array => {
  const found = story.wire.sent.findLast(
    ({ from, header }) => from === 'gateway' && header?.exchange === exchange && header.response === response,
  )
  if (found === undefined) throw new Error('the gateway never said that')
  return found.bytes.slice()
}

const edited =
  (edit: (view: DataView) => void): Row['datagram'] =>
  (on) => {
    const [datagram = bytes(0)] = on.voice.write({ exchange: informational }, [deleteIke])
    edit(new DataView(datagram.buffer))
    return datagram
  }

const rows: readonly Row[] = [
  ...everyError.map(([name, type]): Row => ({
    name: `${name} in clear`,
    datagram: ({ voice }) => voice.plain({ exchange: informational }, [notify(type)]),
    drop: 'unprotected',
  })),
  {
    name: 'a Delete of the IKE SA in clear',
    datagram: ({ voice }) => voice.plain({}, [deleteIke]),
    drop: 'unprotected',
  },
  {
    name: 'a Delete of the Child SA in clear',
    datagram: ({ voice, connected }) => {
      const spi = bytes(4)
      new DataView(spi.buffer).setUint32(0, connected.child.outboundSpi)
      return voice.plain({}, [{ type: 'delete', protocol: 3, spis: [spi] }])
    },
    drop: 'unprotected',
  },
  { name: 'nothing in clear', datagram: ({ voice }) => voice.plain({}, []), drop: 'unprotected' },
  {
    name: 'a critical payload in clear',
    datagram: ({ voice }) =>
      voice.plain({}, [{ type: 'unknown', number: 200, critical: true, data: bytes(4) }]),
    drop: 'unprotected',
  },
  {
    name: 'CREATE_CHILD_SA in clear',
    datagram: ({ voice }) => voice.plain({ exchange: createChildSa }, [{ type: 'nonce', data: bytes(32) }]),
    drop: 'unprotected',
  },
  {
    name: 'a first request',
    datagram: ({ voice }) => voice.plain({ exchange: 34 }, [{ type: 'nonce', data: bytes(32) }]),
    drop: 'payload-counts',
  },
  { name: 'a whole first request', datagram: (on) => firstRequest(on), drop: 'unprotected' },
  {
    name: 'the answer to IKE_SA_INIT again',
    datagram: (on) => recorded(on, 34, true),
    drop: 'unexpected-response',
  },
  {
    name: 'the answer to IKE_AUTH again',
    datagram: (on) => recorded(on, 35, true),
    drop: 'unexpected-response',
  },
  {
    name: 'an answer to nothing, in clear',
    datagram: ({ voice }) => voice.plain({ response: true, messageId: messageId(2) }, []),
    drop: 'unexpected-response',
  },
  {
    name: 'a changed last bit',
    datagram: edited((view) => view.setUint8(view.byteLength - 1, view.getUint8(view.byteLength - 1) ^ 1)),
    drop: 'not-authentic',
  },
  {
    name: 'a changed first payload',
    datagram: edited((view) => view.setUint8(28, 41)),
    drop: 'not-authentic',
  },
  { name: 'a changed exchange', datagram: edited((view) => view.setUint8(18, 36)), drop: 'not-authentic' },
  {
    name: 'a changed reserved flag',
    datagram: edited((view) => view.setUint8(19, view.getUint8(19) | 0x80)),
    drop: 'not-authentic',
  },
  {
    name: 'a changed minor version',
    datagram: edited((view) => view.setUint8(17, 0x21)),
    drop: 'not-authentic',
  },
  {
    name: 'a changed major version',
    datagram: edited((view) => view.setUint8(17, 0x30)),
    drop: 'wrong-major-version',
  },
  {
    name: 'a changed message ID',
    datagram: edited((view) => view.setUint32(20, 1)),
    drop: 'message-id-out-of-window',
  },
  {
    name: 'the initiator flag',
    datagram: edited((view) => view.setUint8(19, view.getUint8(19) | 0x08)),
    drop: 'unknown-ike-spi',
  },
  {
    name: 'another responder SPI',
    datagram: edited((view) => view.setUint32(8, 1)),
    drop: 'unknown-ike-spi',
  },
  { name: 'responder SPI 0', datagram: edited((view) => view.setBigUint64(8, 0n)), drop: 'unknown-ike-spi' },
  { name: 'a wrong length', datagram: edited((view) => view.setUint32(24, 29)), drop: 'length-mismatch' },
  {
    name: 'a fragment in place of the message',
    datagram: edited((view) => view.setUint8(16, 53)),
    drop: 'bad-fragment',
  },
  {
    name: 'an Encrypted payload of no bytes',
    datagram: ({ voice }) =>
      voice.plain({}, [{ type: 'unknown', number: 46, critical: false, data: bytes(0) }]),
    drop: 'not-authentic',
  },
  {
    name: 'an Encrypted payload of zeros',
    datagram: ({ voice }) =>
      voice.plain({}, [{ type: 'unknown', number: 46, critical: false, data: bytes(64) }]),
    drop: 'not-authentic',
  },
  {
    name: 'a fragment of zeros',
    datagram: ({ voice }) =>
      voice.plain({}, [
        { type: 'unknown', number: 53, critical: false, data: Uint8Array.of(0, 1, 0, 1, ...bytes(64)) },
      ]),
    drop: 'not-authentic',
  },
  {
    name: 'a fragment of 65',
    datagram: ({ voice }) =>
      voice.plain({}, [
        { type: 'unknown', number: 53, critical: false, data: Uint8Array.of(0, 1, 0, 65, ...bytes(64)) },
      ]),
    drop: 'too-many-fragments',
  },
  {
    name: 'fragment 0',
    datagram: ({ voice }) =>
      voice.plain({}, [
        { type: 'unknown', number: 53, critical: false, data: Uint8Array.of(0, 0, 0, 2, ...bytes(64)) },
      ]),
    drop: 'bad-fragment',
  },
  { name: '27 bytes', datagram: () => bytes(27), drop: 'unknown-ike-spi' },
  { name: 'nothing at all', datagram: () => bytes(0), drop: 'unknown-ike-spi' },
  { name: 'zeros', datagram: () => bytes(1_400), drop: 'unknown-ike-spi' },
  {
    name: '64 KiB behind a right header',
    datagram: (on) => {
      const large = bytes(65_507, 41)
      large.set(on.voice.plain({}, []).subarray(0, 24))
      new DataView(large.buffer).setUint32(24, large.length)
      return large
    },
    drop: 'malformed',
  },
  {
    name: 'INVALID_SPI outside any IKE SA (RFC 7296 section 1.5)',
    datagram: () =>
      encodeMessage({
        header: {
          initiatorSpi: ikeSpi(0n),
          responderSpi: ikeSpi(0n),
          exchange: informational,
          initiator: false,
          response: false,
          messageId: messageId(0),
        },
        payloads: [notify(Notify.INVALID_SPI, bytes(4))],
      })[0] ?? bytes(0),
    drop: 'unknown-ike-spi',
  },
]

function firstRequest({ story, sa }: Established): Uint8Array {
  const sent = story.wire.sent.find(({ from, header }) => from === 'client' && header?.exchange === 34)
  const datagram = sent?.bytes.slice() ?? bytes(0)
  const view = new DataView(datagram.buffer)
  view.setBigUint64(0, sa.initiatorSpi)
  view.setBigUint64(8, sa.responderSpi)
  view.setUint8(19, 0)
  return datagram
}

describe('a third party, when the connection stands', () => {
  it.each(rows)('$name costs a counter', async ({ datagram, drop }) => {
    const on = await established()
    expect(await on.inject(datagram(on))).toEqual([])
    expect(on.client.drops).toEqual([drop])
    await on.expectUnchanged()
    on.story.close()
  })

  it('everything that was ever said, said again, gets no answer but one that was given before', async () => {
    const on = await established({ setting: 'eap' })
    on.client.session.rekeyIkeSa()
    await on.story.settle()
    const told = on.story.wire.sent.filter(({ from }) => from === 'gateway').map(({ bytes: said }) => said)
    const state = [on.client.session.sa, on.client.session.children, on.client.effects.length]
    expect(await on.inject(...told, ...told.toReversed())).toEqual([])
    expect([on.client.session.sa, on.client.session.children, on.client.effects.length]).toEqual(state)
    expect(on.client.drops).toHaveLength(2 * told.length)
  })

  it('each bit of a Delete matters', async () => {
    const on = await established()
    const [datagram = bytes(0)] = on.voice.write({ exchange: informational }, [deleteIke])
    for (let bit = 0; bit < datagram.length * 8; bit += 1) {
      const changed = datagram.slice()
      changed.set([(changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3)
      expect(await on.inject(changed)).toEqual([])
    }
    expect(on.client.drops).toHaveLength(datagram.length * 8)
    await on.expectUnchanged()
  })

  it('a repeated request gets its answer again, byte by byte; an older one gets nothing', async () => {
    const on = await established()
    const [first = bytes(0)] = on.voice.write({ exchange: informational }, [])
    const [second = bytes(0)] = on.voice.write({ exchange: informational, messageId: messageId(1) }, [])
    const [answer] = await on.inject(first)
    expect(await on.inject(first, first)).toEqual([answer, answer])
    expect(await on.inject(second)).toHaveLength(1)
    expect(await on.inject(first)).toEqual([])
    expect(on.client.drops).toEqual(['message-id-out-of-window'])
    // A repetition that was changed on the way is none.
    expect(await on.inject(flippedAt(-1)(second.slice()))).toEqual([])
    expect(on.client.drops.at(-1)).toBe('not-authentic')
    await on.expectUnchanged()
  })

  it.each([2, 100, 0x7fff_ffff, 0xffff_ffff])(
    'message ID %i is ahead of its time, authentic or not',
    async (id) => {
      const on = await established()
      expect(
        await on.inject(
          ...on.voice.write({ exchange: informational, messageId: messageId(id) }, [deleteIke]),
        ),
      ).toEqual([])
      expect(on.client.drops).toEqual(['message-id-out-of-window'])
      await on.expectUnchanged()
    },
  )

  it.each([0, 1, 2, 3, 0xffff_ffff])('an authentic answer %i to a request that nobody made', async (id) => {
    const on = await established()
    const said = on.voice.write({ exchange: informational, response: true, messageId: messageId(id) }, [
      deleteIke,
    ])
    expect(await on.inject(...said)).toEqual([])
    expect(on.client.drops).toEqual(['unexpected-response'])
    expect(readIkeHeader(said[0] ?? bytes(0))?.messageId).toBe(id)
    await on.expectUnchanged()
  })
})
