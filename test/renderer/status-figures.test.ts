import { describe, expect, it } from 'vitest'
import { formatInterval } from '../../src-renderer/views/exchange/interval.ts'
import { algorithmName, encryptionName, suiteLine } from '../../src-renderer/views/status/algorithm-names.ts'
import { replayDrawing } from '../../src-renderer/views/status/replay-cells.ts'
import { chartSpan, figures, recent, throughputRows } from '../../src-renderer/views/status/throughput.ts'
import { ageNow, leftNow, spent } from '../../src-renderer/views/status/ticking.ts'

describe('the time between two messages', () => {
  it.each([
    [0, '0 ms'],
    [0.42, '0.4 ms'],
    [23.2, '23 ms'],
    [1200, '1.20 s'],
    [61_000, '1 min 1 s'],
  ])('of %d ms is said as %s', (ms, text) => {
    expect(formatInterval(ms, 'en').replaceAll('\u00A0', ' ')).toBe(text)
  })
})

describe('suites', () => {
  it('says an IKE suite and an ESP suite in one line', () => {
    expect(
      suiteLine({ encryption: 'aes-gcm-16', keyBits: 256, prf: 'hmac-sha384', group: 'curve25519' }),
    ).toBe('AES-256-GCM · HMAC-SHA2-384 · Curve25519')
    expect(
      suiteLine({
        encryption: 'aes-cbc',
        keyBits: 128,
        integrity: 'hmac-sha256-128',
        extendedSequenceNumbers: false,
      }),
    ).toBe('AES-128-CBC · HMAC-SHA2-256-128')
  })

  it('shows an algorithm it does not know by its name', () => {
    expect(algorithmName('mlkem768')).toBe('MLKEM768')
    expect(encryptionName({ encryption: 'chacha20-poly1305', keyBits: 256 })).toBe('ChaCha20-Poly1305')
  })
})

describe('the anti-replay window', () => {
  it('puts the newest packet first and tells what is missing', () => {
    const drawing = replayDrawing({ size: 64, seen: '1101' + '1'.repeat(60) }, 1000)
    expect(drawing.cells[0]).toEqual({ sequence: 1000, seen: true })
    expect(drawing.cells[2]).toEqual({ sequence: 998, seen: false })
    expect(drawing).toMatchObject({ newest: 1000, oldest: 937, seen: 63, missing: 1, hidden: 0 })
  })

  it('does not draw numbers that never existed', () => {
    const drawing = replayDrawing({ size: 64, seen: '111' + '0'.repeat(61) }, 3)
    expect(drawing.cells.map(({ sequence }) => sequence)).toEqual([3, 2, 1])
    expect(drawing).toMatchObject({ oldest: 1, missing: 0, hidden: 0 })
  })

  it('is empty before the first packet', () => {
    expect(replayDrawing({ size: 64, seen: '0'.repeat(64) }, 0).cells).toEqual([])
  })

  it('says how much of a large window is not drawn', () => {
    expect(replayDrawing({ size: 4096, seen: '1'.repeat(256) }, 90_000).hidden).toBe(3840)
  })
})

describe('throughput', () => {
  const history = { times: [1000, 9000, 11_000], inbound: [10, 30, 5], outbound: [0, 4, 5] }

  it('tells the same as a table, the newest stretch first', () => {
    expect(throughputRows(history, 10_000)).toEqual([
      { from: 10_000, inbound: 5, outbound: 5 },
      { from: 0, inbound: 20, outbound: 2 },
    ])
  })

  it('says what is now and what was the highest', () => {
    expect(figures(history)).toEqual({ now: { inbound: 5, outbound: 5 }, peak: { inbound: 30, outbound: 5 } })
    expect(figures({ times: [], inbound: [], outbound: [] }).peak).toEqual({ inbound: 0, outbound: 0 })
  })

  it('lets a young chart fill its width', () => {
    expect(chartSpan(history)).toBe(60_000)
    expect(chartSpan({ ...history, times: [0, 100_000] })).toBe(120_000)
    expect(chartSpan({ ...history, times: [0, 900_000] })).toBe(300_000)
  })

  it('shows the last minutes alone', () => {
    expect(recent(history, 5000)).toEqual({ times: [9000, 11_000], inbound: [30, 5], outbound: [4, 5] })
    expect(recent(history, 60_000)).toBe(history)
  })
})

describe('ages and countdowns between two reports', () => {
  it('go on by the local clock and stop at zero', () => {
    expect(ageNow(5000, 1000, 3000)).toBe(7000)
    expect(leftNow(5000, 1000, 3000)).toBe(3000)
    expect(leftNow(5000, 1000, 99_000)).toBe(0)
    expect(ageNow(5000, 1000, 500)).toBe(5000)
  })

  it('say how far a life is spent', () => {
    expect(spent(25, 75)).toBe(0.25)
    expect(spent(0, 0)).toBe(1)
    expect(spent(10, undefined)).toBeUndefined()
  })
})
