/** Fragments (RFC 7383) that lie: too many, overlapping, of another message, never the last. */
import { describe, expect, it } from 'vitest'
import { messageId } from '../../src-shared/brands.ts'
import { writtenPayloads } from './written-payloads.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import type { Established } from './established.ts'
import { established, gist, informational } from './established.ts'
import { hostileGateway, pki, signatureCredential } from './hostile-gateway.ts'
import { flippedAt } from './payload-changes.ts'

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)

interface Piece {
  readonly number: number
  readonly total: number
  readonly id?: number
  readonly first?: number
  readonly text: Uint8Array
}

/** One authentic Encrypted Fragment payload of an INFORMATIONAL request. */
function piece({ voice }: Established, { number, total, id = 0, first = 0, text }: Piece): Uint8Array {
  const head = bytes(36)
  head.set(voice.plain({ exchange: informational, messageId: messageId(id) }, []))
  const length = voice.seal(bytes(36), text).length
  const view = new DataView(head.buffer)
  view.setUint8(16, 53)
  view.setUint32(24, length)
  view.setUint8(28, first)
  view.setUint16(30, length - 28)
  view.setUint16(32, number)
  view.setUint16(34, total)
  return voice.seal(head, text)
}

const unknownCritical: Payload = { type: 'unknown', number: 200, critical: true, data: bytes(40, 6) }
/** A message whose answer shows that it was put together right. */
const plaintext = writtenPayloads([unknownCritical])
const halves = (on: Established, id = 0): readonly [Uint8Array, Uint8Array] => [
  piece(on, { number: 1, total: 2, id, first: 200, text: plaintext.subarray(0, 20) }),
  piece(on, { number: 2, total: 2, id, text: plaintext.subarray(20) }),
]
const answerTo = async (on: Established, ...datagrams: readonly Uint8Array[]): Promise<string> => {
  const [answer] = await on.inject(...datagrams)
  return answer === undefined ? 'no answer' : gist(on.hostile.openClient(answer))
}

describe('fragments of a gateway that lies', () => {
  it('come together in any order, once', async () => {
    const on = await established()
    const [first, second] = halves(on)
    expect(await answerTo(on, second, first)).toBe('UNSUPPORTED_CRITICAL_PAYLOAD')
    expect(on.client.drops).toEqual(['unsupported-critical-payload'])
    await on.expectUnchanged()
  })

  const refused: readonly (readonly [string, Omit<Piece, 'text'>, string])[] = [
    ['number 0', { number: 0, total: 2 }, 'bad-fragment'],
    ['total 0', { number: 1, total: 0 }, 'bad-fragment'],
    ['a number behind the total', { number: 3, total: 2 }, 'bad-fragment'],
    ['a total of 65', { number: 1, total: 65 }, 'too-many-fragments'],
    ['a total of 65,535', { number: 65_535, total: 65_535 }, 'too-many-fragments'],
    ['a message that is not due', { number: 1, total: 2, id: 9 }, 'message-id-out-of-window'],
  ]
  it.each(refused)('%s is counted, and keeps nothing from working', async (_name, place, drop) => {
    const on = await established()
    expect(await answerTo(on, piece(on, { ...place, text: bytes(100) }))).toBe('no answer')
    expect(on.client.drops).toEqual([drop])
    expect(await answerTo(on, ...halves(on))).toBe('UNSUPPORTED_CRITICAL_PAYLOAD')
    await on.expectUnchanged()
  })

  it("a fragment that is not authentic takes nobody's place", async () => {
    const on = await established()
    const [first, second] = halves(on)
    const forged = flippedAt(-1)(first.slice())
    expect(await answerTo(on, forged, second, forged, first)).toBe('UNSUPPORTED_CRITICAL_PAYLOAD')
    expect(on.client.drops.slice(0, 2)).toEqual(['not-authentic', 'not-authentic'])
  })

  it('another text for a number that was heard is passed over', async () => {
    const on = await established()
    const [first, second] = halves(on)
    const other = piece(on, { number: 1, total: 2, first: 41, text: bytes(20, 1) })
    expect(await answerTo(on, first, other, second)).toBe('UNSUPPORTED_CRITICAL_PAYLOAD')
    expect(on.client.drops[0]).toBe('duplicate-fragment')
  })

  it('a larger total starts anew, a smaller one is too late', async () => {
    const on = await established()
    const [first, second] = halves(on)
    const third = piece(on, { number: 3, total: 3, text: plaintext.subarray(30) })
    expect(await answerTo(on, first, third, second)).toBe('no answer')
    expect(on.client.drops).toEqual(['stale-fragment'])
    const rest = [
      piece(on, { number: 1, total: 3, first: 200, text: plaintext.subarray(0, 10) }),
      piece(on, { number: 2, total: 3, text: plaintext.subarray(10, 30) }),
    ]
    expect(await answerTo(on, ...rest)).toBe('UNSUPPORTED_CRITICAL_PAYLOAD')
  })

  it('what never ends is held, within bounds, until something else comes', async () => {
    const on = await established()
    for (let number = 1; number < 64; number += 1)
      expect(await on.inject(piece(on, { number, total: 64, text: bytes(1_000) }))).toEqual([])
    expect(on.client.drops).toEqual([])
    // Whole, it would have more than 64 KiB.
    await on.inject(piece(on, { number: 64, total: 64, text: bytes(10_000) }))
    expect(on.client.drops).toEqual(['fragments-too-large'])
    expect(await answerTo(on, ...halves(on))).toBe('UNSUPPORTED_CRITICAL_PAYLOAD')
    await on.expectUnchanged()
  })

  it('a text that is no chain of payloads is answered, and harmless', async () => {
    const on = await established()
    const pieces = [
      piece(on, { number: 1, total: 2, first: 41, text: Uint8Array.of(0, 0, 255) }),
      piece(on, { number: 2, total: 2, text: Uint8Array.of(255, 1) }),
    ]
    expect(await answerTo(on, ...pieces)).toBe('INVALID_SYNTAX')
    await on.expectUnchanged()
  })

  it('are nothing where fragmentation was not agreed on', async () => {
    const on = await established({ story: { client: { fragmentation: false } } })
    expect(await answerTo(on, ...halves(on))).toBe('no answer')
    expect(on.client.drops).toEqual(['fragments-not-negotiated', 'fragments-not-negotiated'])
    await on.expectUnchanged()
  })
})

describe('IKE_AUTH in fragments', () => {
  const large = {
    setting: 'certificate',
    story: { gateway: { local: signatureCredential(pki.issue('vpn.example.test', 6_000)) } },
  } as const

  it('connects though they come backwards, each twice, among forged ones', async () => {
    const hostile = hostileGateway(large)
    const seen: number[] = []
    const held: Uint8Array[] = []
    hostile.story.wire.meddle = (datagram) => {
      if (datagram.from === 'client' || datagram.header?.nextPayload !== 53) return [datagram]
      held.unshift(datagram.bytes)
      const total = new DataView(datagram.bytes.buffer, datagram.bytes.byteOffset).getUint16(34)
      seen.push(total)
      if (held.length < total) return []
      return held
        .splice(0)
        .flatMap((whole) =>
          [flippedAt(50)(whole.slice()), whole, whole].map((one) => ({ ...datagram, bytes: one })),
        )
    }
    const { failure } = await hostile.dial()
    expect(failure).toBeUndefined()
    expect(seen[0]).toBeGreaterThan(4)
    expect(hostile.story.client.drops.filter((drop) => drop === 'not-authentic')).toHaveLength(seen[0] ?? 0)
  })

  it('ends in time where one of them never comes', async () => {
    const hostile = hostileGateway(large)
    hostile.story.wire.meddle = (datagram) => {
      const isSecond = datagram.header?.nextPayload === 53 && datagram.bytes[33] === 2
      return datagram.from === 'gateway' && isSecond ? [] : [datagram]
    }
    const { failure } = await hostile.dial()
    expect(failure).toMatchObject({ code: 'gateway-unreachable' })
    expect(hostile.story.client.effects).toEqual([])
  })
})
