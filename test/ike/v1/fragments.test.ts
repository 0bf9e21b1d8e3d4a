import { describe, expect, it } from 'vitest'
import { createAssembly, inPieces, LONGEST_DATAGRAM } from '../../../src-main/ike/v1/fragments.ts'
import { encodeMessage } from '../../../src-main/ike/v1/message.ts'
import { ikeSpi, messageId } from '../../../src-shared/brands.ts'

const message = (length: number, fill = 1): Uint8Array =>
  encodeMessage(
    {
      initiatorSpi: ikeSpi(1n),
      responderSpi: ikeSpi(2n),
      exchange: 2,
      messageId: messageId(0),
      commit: false,
    },
    [{ type: 'ke', data: new Uint8Array(length).fill(fill) }],
  ).datagram

/** What comes of these pieces, one after the other. */
const assembled = (...pieces: readonly (Uint8Array | undefined)[]): readonly (Uint8Array | undefined)[] => {
  const assembly = createAssembly()
  return pieces.map((piece) => (piece === undefined ? undefined : assembly.add(piece)))
}

describe('messages in pieces', () => {
  it('are as they were, in any order, with repetitions', () => {
    const whole = message(4000)
    const pieces = inPieces(whole, 7)
    expect(pieces.length).toBe(4)
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(LONGEST_DATAGRAM)
    expect(assembled(...pieces).at(-1)).toEqual(whole)
    expect(assembled(...[...pieces].reverse()).at(-1)).toEqual(whole)
    const [first, second, third, fourth] = pieces
    expect(assembled(second, second, first, fourth, first, third).at(-1)).toEqual(whole)
  })

  it('have the layout that others read: next payload 132, then ID, number, flags', () => {
    const [first, ...others] = inPieces(message(1500), 0x0102)
    const last = others.at(-1)
    expect(first?.[16]).toBe(132)
    // Behind the header and the generic header.
    expect([...(first?.subarray(32, 36) ?? [])]).toEqual([1, 2, 1, 0])
    expect([...(last?.subarray(32, 36) ?? [])]).toEqual([1, 2, 2, 1])
  })

  it('that are short enough stay whole', () => {
    const short = message(100)
    expect(inPieces(short, 1)).toEqual([short])
  })

  it('of one message do not mix with those of another, also where both have the same number', () => {
    const [a1, a2] = inPieces(message(1500, 1), 1)
    const [b1, b2] = inPieces(message(1500, 2), 1)
    expect(assembled(a1, b1, b2).at(-1)).toEqual(message(1500, 2))
    expect(assembled(a1, a2, b1, b2).filter((one) => one !== undefined)).toEqual([
      message(1500, 1),
      message(1500, 2),
    ])
    const [c1] = inPieces(message(1500, 3), 2)
    expect(assembled(a1, c1, a2)).toEqual([undefined, undefined, undefined])
  })

  it('that are missing give nothing', () => {
    const [first, , third] = inPieces(message(3000), 1)
    expect(assembled(first, third)).toEqual([undefined, undefined])
  })
})
