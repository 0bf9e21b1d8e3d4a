import { describe, expect, it } from 'vitest'
import {
  algorithmName,
  encryptionName,
  suiteLine,
} from '../../../src-renderer/views/status/algorithm-names.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInterval,
  formatRate,
  formatSpi,
} from '../../../src-renderer/views/status/format.ts'
import { replayDrawing } from '../../../src-renderer/views/status/replay-cells.ts'
import {
  emptyHistory,
  HISTORY_MS,
  looked,
  peaks,
  throughputRows,
} from '../../../src-renderer/views/status/throughput.ts'
import { ageNow, leftNow, spent } from '../../../src-renderer/views/status/ticking.ts'

describe('numbers as people read them', () => {
  it('prints SPIs as eight hexadecimal digits, also those above 2³¹', () => {
    expect(formatSpi(0xc0ffee01)).toBe('c0ffee01')
    expect(formatSpi(0x100)).toBe('00000100')
    expect(formatSpi(-1)).toBe('ffffffff')
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [12_340, '12.3 kB'],
    [999_499, '999 kB'],
    [999_600, '1.00 MB'],
    [1_240_000, '1.24 MB'],
    [5_600_000_000_000, '5.60 TB'],
  ])('prints %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes, 'en')).toBe(text)
  })

  it('uses the language’s own separators', () => {
    expect(formatBytes(1_240_000, 'de')).toBe('1,24 MB')
    expect(formatRate(1_240_000, 'de')).toBe('1,24 MB/s')
    expect(formatCount(1_234_567, 'de')).toBe('1.234.567')
  })

  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [785_000, '13 min 5 s'],
    [7_980_000, '2 h 13 min'],
    [86_400_000, '1 d'],
    [97_200_000, '1 d 3 h'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it.each([
    [0, '0 ms'],
    [0.42, '0.4 ms'],
    [23.2, '23 ms'],
    [1200, '1.20 s'],
    [61_000, '1 min 1 s'],
  ])('prints an interval of %d ms as %s', (ms, text) => {
    expect(formatInterval(ms, 'en')).toBe(text)
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

const traffic = (inbound: number, outbound: number) => ({
  inbound: { packets: 0, bytes: inbound },
  outbound: { packets: 0, bytes: outbound },
})

describe('throughput', () => {
  it('makes rates of growing counters', () => {
    const first = looked(emptyHistory, traffic(1000, 500), 10_000)
    expect(first.samples).toEqual([])
    const second = looked(first, traffic(3000, 600), 12_000)
    expect(second.samples).toEqual([{ at: 12_000, inbound: 1000, outbound: 50 }])
  })

  it('starts anew when the counters do', () => {
    const history = looked(looked(emptyHistory, traffic(9, 9), 0), traffic(99, 99), 1000)
    expect(looked(history, traffic(0, 0), 2000).samples).toEqual([])
  })

  it('takes two looks in the same moment for one, without losing bytes', () => {
    const first = looked(emptyHistory, traffic(0, 0), 0)
    const same = looked(first, traffic(500, 0), 100)
    expect(same).toBe(first)
    expect(looked(same, traffic(1000, 0), 1000).samples).toEqual([{ at: 1000, inbound: 1000, outbound: 0 }])
  })

  it('forgets what is older than five minutes', () => {
    let history = emptyHistory
    for (let at = 0; at <= HISTORY_MS * 2; at += 1000) history = looked(history, traffic(at, 0), at)
    expect(history.samples.length).toBeLessThanOrEqual(HISTORY_MS / 1000)
    expect(peaks(history.samples)).toEqual({ inbound: 1000, outbound: 0 })
  })

  it('tells the same as a table, the newest stretch first', () => {
    const rows = throughputRows(
      [
        { at: 1000, inbound: 10, outbound: 0 },
        { at: 9000, inbound: 30, outbound: 4 },
        { at: 11_000, inbound: 5, outbound: 5 },
      ],
      10_000,
    )
    expect(rows).toEqual([
      { from: 10_000, to: 20_000, inbound: 5, outbound: 5 },
      { from: 0, to: 10_000, inbound: 20, outbound: 2 },
    ])
    expect(peaks([])).toEqual({ inbound: 0, outbound: 0 })
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
