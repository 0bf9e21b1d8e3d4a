import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_FRAGMENTS, createReassembly, cut } from '../../../src-main/ike/v2/fragments.ts'
import type { FragmentPlace } from '../../../src-main/ike/v2/fragments.ts'
import { messageId } from '../../../src-shared/brands.ts'

const place = (number: number, total: number, id = 1, response = false): FragmentPlace => ({
  response,
  messageId: messageId(id),
  number,
  total,
})
const text = (...values: readonly number[]) => Uint8Array.from(values)

describe('reassembly (RFC 7383 section 2.6)', () => {
  it('joins fragments of any order, with the first payload of fragment 1', () => {
    const reassembly = createReassembly()
    expect(reassembly.keep(place(3, 3), 0, text(5, 6)).kind).toBe('kept')
    expect(reassembly.keep(place(1, 3), 35, text(1, 2)).kind).toBe('kept')
    expect(reassembly.keep(place(2, 3), 99, text(3, 4))).toEqual({
      kind: 'complete',
      first: 35,
      plaintext: text(1, 2, 3, 4, 5, 6),
    })
  })

  it('takes a message of one fragment', () => {
    expect(createReassembly().keep(place(1, 1), 41, text(1))).toMatchObject({ kind: 'complete', first: 41 })
  })

  it.each([
    [0, 3, 'bad-fragment'],
    [1, 0, 'bad-fragment'],
    [4, 3, 'bad-fragment'],
    [1, MOST_FRAGMENTS + 1, 'too-many-fragments'],
  ])('refuses fragment %i of %i', (number, total, reason) => {
    expect(createReassembly().refuses(place(number, total))).toBe(reason)
  })

  it('starts anew for a larger total and ignores a smaller one', () => {
    const reassembly = createReassembly()
    reassembly.keep(place(1, 2), 35, text(1))
    expect(reassembly.refuses(place(2, 3))).toBeUndefined()
    reassembly.keep(place(2, 3), 0, text(20))
    expect(reassembly.refuses(place(2, 2))).toBe('stale-fragment')
    expect(reassembly.keep(place(2, 2), 0, text(2))).toEqual({ kind: 'dropped', reason: 'stale-fragment' })
    reassembly.keep(place(1, 3), 36, text(10))
    expect(reassembly.keep(place(3, 3), 0, text(30))).toMatchObject({
      first: 36,
      plaintext: text(10, 20, 30),
    })
  })

  it('forgets an older message for a newer one, never the other way', () => {
    const reassembly = createReassembly()
    reassembly.keep(place(1, 2, 5), 35, text(1))
    expect(reassembly.refuses(place(2, 2, 4))).toBe('stale-fragment')
    expect(reassembly.keep(place(1, 2, 6), 35, text(1)).kind).toBe('kept')
    expect(reassembly.refuses(place(2, 2, 5))).toBe('stale-fragment')
  })

  it('drops repetitions before they are decrypted, also of a message that is complete', () => {
    const reassembly = createReassembly()
    reassembly.keep(place(1, 2), 35, text(1))
    expect(reassembly.refuses(place(1, 2))).toBe('duplicate-fragment')
    reassembly.keep(place(2, 2), 0, text(2))
    expect(reassembly.refuses(place(1, 2))).toBe('duplicate-fragment')
    expect(reassembly.refuses(place(2, 2))).toBe('duplicate-fragment')
  })

  it('keeps requests and responses of one message ID apart', () => {
    const reassembly = createReassembly()
    reassembly.keep(place(1, 2, 1, false), 35, text(1))
    expect(reassembly.keep(place(2, 2, 1, true), 0, text(2)).kind).toBe('kept')
    expect(reassembly.keep(place(2, 2, 1, false), 0, text(3))).toMatchObject({ plaintext: text(1, 3) })
  })

  it('holds 64 KiB and no more', () => {
    const reassembly = createReassembly()
    expect(reassembly.keep(place(1, 3), 35, new Uint8Array(40_000)).kind).toBe('kept')
    expect(reassembly.keep(place(2, 3), 0, new Uint8Array(30_000))).toEqual({
      kind: 'dropped',
      reason: 'fragments-too-large',
    })
    // What was there is gone as well.
    expect(reassembly.refuses(place(1, 3))).toBeUndefined()
  })

  it('gives back whatever was cut', () => {
    const input = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 4, max: 90 }))
    fc.assert(
      fc.property(input, ([plaintext, size]) => {
        const pieces = cut(plaintext, size)
        const reassembly = createReassembly()
        const results = pieces.map((piece, index) =>
          reassembly.keep(place(index + 1, pieces.length), 33, piece),
        )
        expect(results.at(-1)).toEqual({ kind: 'complete', first: 33, plaintext })
      }),
    )
  })
})
