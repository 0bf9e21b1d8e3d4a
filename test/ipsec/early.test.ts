/** Packets that come before their SA: how long they wait, and that nobody can fill memory with them. */
import { describe, expect, it } from 'vitest'
import { createDropCounters } from '../../src-main/ipsec/drops.ts'
import { createEarlyPackets, EARLY_PACKETS_LENGTH } from '../../src-main/ipsec/early.ts'
import type { DatagramSocket } from '../../src-main/ports.ts'
import { millis } from '../../src-shared/brands.ts'

const from = { address: '192.0.2.1', port: 4500 }
const socket: DatagramSocket = {
  family: 4,
  localPort: 4500,
  send: () => 'sent',
  onDatagram: () => undefined,
  localAddressTowards: () => undefined,
  close: () => undefined,
}

function setUp() {
  let now = 0
  const drops = createDropCounters()
  const early = createEarlyPackets(
    { clock: { monotonic: () => millis(now) }, drops },
    new Uint8Array(EARLY_PACKETS_LENGTH + 64),
    64,
  )
  const keep = (spi: number, ...bytes: readonly number[]): boolean => {
    const packet = Uint8Array.from([9, 9, ...bytes])
    return early.keep(spi, socket, from, packet, 2, bytes.length, 0)
  }
  const delivered = (spi: number): readonly string[] => {
    const seen: string[] = []
    early.deliver(spi, (_socket, _from, buffer, offset, length) => {
      seen.push(buffer.subarray(offset, offset + length).join())
    })
    return seen
  }
  return { drops, early, keep, delivered, pass: (milliseconds: number) => (now += milliseconds) }
}

describe('ESP before its SA', () => {
  it('is kept in its order, each SPI’s own', () => {
    const { early, keep, delivered, drops } = setUp()
    early.offer(1)
    early.offer(2)
    expect([keep(1, 10), keep(2, 20), keep(1, 11), keep(3, 30)]).toEqual([true, true, true, false])
    expect(delivered(1)).toEqual(['10', '11'])
    expect(delivered(1)).toEqual([])
    expect(keep(1, 12)).toBe(false)
    expect(delivered(2)).toEqual(['20'])
    expect(drops.read()).toEqual({})
  })

  it('waits half a second, then it is a drop like any other', () => {
    const { early, keep, delivered, drops, pass } = setUp()
    early.offer(1)
    keep(1, 10)
    pass(499)
    keep(1, 11)
    pass(2)
    expect(delivered(1)).toEqual(['11'])
    expect(drops.read()).toEqual({ 'no-sa': 1 })
  })

  it('takes eight packets and no more, and makes room again', () => {
    const { early, keep, delivered, pass } = setUp()
    early.offer(1)
    early.offer(2)
    const taken = Array.from({ length: 10 }, (_, index) => keep(1, index))
    expect(taken.filter(Boolean)).toHaveLength(8)
    expect(keep(2, 99)).toBe(false)
    pass(600)
    expect(keep(2, 99)).toBe(true)
    expect(delivered(2)).toEqual(['99'])
  })

  it('takes no packet larger than a path carries', () => {
    const { early } = setUp()
    early.offer(1)
    expect(early.keep(1, socket, from, new Uint8Array(4_000), 0, 2_048, 0)).toBe(true)
    expect(early.keep(1, socket, from, new Uint8Array(4_000), 0, 2_049, 0)).toBe(false)
  })

  it('forgets the oldest of very many offers', () => {
    const { early, keep } = setUp()
    for (let spi = 1; spi <= 65; spi += 1) early.offer(spi)
    expect([keep(1, 1), keep(2, 2), keep(65, 3)]).toEqual([false, true, true])
  })
})
