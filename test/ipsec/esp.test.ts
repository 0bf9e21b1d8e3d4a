import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createOpenedEsp, espPrefixLength, openEsp, sealEsp } from '../../src-main/ipsec/esp.ts'
import { createReplayWindow } from '../../src-main/ipsec/replay.ts'
import { keysFor, gcm, suites } from '../contracts/data-plane.contract.ts'
import { createFakePacketCrypto } from '../fakes/fake-packet-crypto.ts'
import type { EspSuite } from '../../src-shared/algorithms.ts'

const cipherOf = (suite: EspSuite) =>
  createFakePacketCrypto().cipher({
    encryption: suite.encryption,
    ...keysFor(suite, 1),
    ...(suite.integrity === undefined ? {} : { integrity: suite.integrity }),
  })

const window = () => createReplayWindow({ size: 64, extended: false })
const sequence = (low: number) => ({ high: 0, low, extended: false })

describe.each(suites)('ESP with %s', (_, suite) => {
  it('pads with 1, 2, 3 to the block, and opens what it sealed', () => {
    const sealer = cipherOf(suite)
    const opener = cipherOf(suite)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), (payload) => {
        const buffer = new Uint8Array(512).fill(0xcc)
        buffer.set(payload, 100)
        const length = sealEsp(sealer, 0x1234, sequence(7), 41, buffer, 100, payload.length)
        const start = 100 - espPrefixLength(sealer)
        const view = Buffer.from(buffer.buffer)
        expect([view.readUInt32BE(start), view.readUInt32BE(start + 4)]).toEqual([0x1234, 7])
        // Nothing is written outside.
        expect(buffer.subarray(0, start).every((byte) => byte === 0xcc)).toBe(true)
        expect(buffer.subarray(start + length).every((byte) => byte === 0xcc)).toBe(true)
        const opened = createOpenedEsp()
        expect(openEsp(opener, window(), false, buffer, start, length, opened)).toBeUndefined()
        expect(opened).toEqual({ offset: 100, length: payload.length, nextHeader: 41, isNewest: true })
        expect(buffer.slice(100, 100 + payload.length)).toEqual(payload)
        const padLength = buffer[start + length - sealer.icvLength - 2] ?? -1
        expect(padLength).toBeLessThan(sealer.blockLength)
        const padding = buffer.subarray(100 + payload.length, 100 + payload.length + padLength)
        expect([...padding]).toEqual(Array.from({ length: padLength }, (__, index) => index + 1))
      }),
      { numRuns: 60 },
    )
  })
})

describe('openEsp', () => {
  let cipher = cipherOf(gcm)
  beforeEach(() => {
    cipher = cipherOf(gcm)
  })

  /** Seals these bytes as they are: payload, padding, pad length, next header. */
  const sealed = (content: readonly number[], low = 1) => {
    const buffer = new Uint8Array(16 + content.length + 16)
    buffer.set([0, 0, 1, 0, 0, 0, 0, low])
    buffer.set(content, 16)
    cipher.seal(buffer, 0, 16 + content.length, 0, false)
    return buffer
  }
  const open = (datagram: Uint8Array, replay = window()) => {
    const opened = createOpenedEsp()
    const reason = openEsp(cipher, replay, false, datagram, 0, datagram.length, opened)
    return reason ?? opened
  }

  it.each([
    ['right padding', [9, 9, 9, 1, 2, 3, 3, 4], { length: 3, nextHeader: 4 }],
    ['no padding', [9, 9, 9, 9, 9, 9, 0, 4], { length: 6, nextHeader: 4 }],
    ['nothing but padding', [1, 2, 3, 4, 5, 6, 6, 59], { length: 0, nextHeader: 59 }],
  ])('takes %s', (_, content, expected) => {
    expect(open(sealed(content))).toMatchObject(expected)
  })

  it('takes padding of 255 bytes', () => {
    const padding = Array.from({ length: 255 }, (_, index) => index + 1)
    expect(open(sealed([7, 7, 7, ...padding, 255, 4]))).toMatchObject({ length: 3 })
  })

  it.each([
    ['padding of zeros', [9, 9, 9, 0, 0, 0, 3, 4]],
    ['padding with a wrong last byte', [9, 9, 9, 1, 2, 9, 3, 4]],
    ['padding longer than the packet', [1, 2, 3, 4, 5, 6, 7, 4]],
    // The fake's first IV ends in 1.
    ['padding that seems to begin in the IV', [2, 3, 4, 5, 6, 7, 7, 4]],
  ])('refuses %s', (_, content) => {
    expect(open(sealed(content))).toBe('padding')
  })

  it('counts a packet with wrong padding as seen: it was authentic', () => {
    const replay = window()
    expect(open(sealed([9, 9, 9, 0, 0, 0, 3, 4]), replay)).toBe('padding')
    expect(open(sealed([9, 9, 9, 0, 0, 0, 3, 4]), replay)).toBe('replay')
  })

  it('refuses every length that no block fits', () => {
    const whole = sealed([9, 9, 9, 1, 2, 3, 3, 4])
    for (let length = 0; length < whole.length; length += 1) {
      const reason = open(whole.slice(0, length))
      // Cut by whole blocks it is only not authentic.
      expect(reason).toBe(length >= 36 && length % 4 === 0 ? 'integrity' : 'malformed')
    }
  })

  it('leaves the window as it was when the ICV is wrong', () => {
    const replay = window()
    const forged = sealed([9, 9, 9, 1, 2, 3, 3, 4], 200)
    forged[20] = (forged[20] ?? 0) ^ 1
    expect(open(forged, replay)).toBe('integrity')
    expect(replay.highest()).toEqual({ high: 0, low: 0 })
    expect(open(sealed([9, 9, 9, 1, 2, 3, 3, 4], 1), replay)).toMatchObject({ length: 3 })
  })
})
