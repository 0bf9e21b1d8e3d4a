import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAddressPool } from '../../src-main/gateway/address-pool.ts'
import { parsePrefix } from '../../src-main/ip/address.ts'

const pool = (text: string) => {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(text)
  return createAddressPool(prefix)
}

describe('the address pool', () => {
  it('keeps the network, the broadcast and its own address to itself', () => {
    const small = pool('10.9.0.0/29')
    expect(small.own).toBe('10.9.0.1')
    const given = ['a', 'b', 'c', 'd', 'e', 'f'].map((holder) => small.lease(holder))
    expect(given).toEqual(['10.9.0.2', '10.9.0.3', '10.9.0.4', '10.9.0.5', '10.9.0.6', undefined])
  })

  it('gives IPv6 addresses as well, from networks of any size', () => {
    const large = pool('fd00:9::/64')
    expect(large.own).toBe('fd00:9::1')
    expect(large.lease('a')).toBe('fd00:9::2')
    expect(pool('fd00:9::/126').lease('a')).toBe('fd00:9::2')
  })

  it('gives the same holder the same address, together and one after the other', () => {
    const one = pool('10.9.0.0/24')
    one.lease('a')
    expect(one.lease('b')).toBe('10.9.0.3')
    // A session takes over from another: the address is free when both have gone.
    expect(one.lease('b')).toBe('10.9.0.3')
    one.release('b')
    expect(one.taken).toBe(2)
    one.release('b')
    expect(one.taken).toBe(1)
    expect(one.lease('c')).toBe('10.9.0.4')
    expect(one.lease('b')).toBe('10.9.0.3')
  })

  it('refuses networks without room', () => {
    for (const text of ['10.9.0.0/31', '10.9.0.0/32', '10.9.0.0/30', 'fd00::/128'].filter(
      (text) => text !== '10.9.0.0/30',
    ))
      expect(() => pool(text)).toThrow(RangeError)
    expect(pool('10.9.0.0/30').lease('a')).toBe('10.9.0.2')
  })

  it('never gives one address to two, whatever the order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 })), { maxLength: 60 }),
        (steps) => {
          const one = pool('10.9.0.0/29')
          const held = new Map<number, { address: string; count: number }>()
          for (const [leases, holder] of steps) {
            const mine = held.get(holder)
            if (leases) {
              const address = one.lease(`${holder}`)
              if (address === undefined) expect(held.size).toBe(5)
              else {
                if (mine !== undefined) expect(address).toBe(mine.address)
                else expect([...held.values()].map((other) => other.address)).not.toContain(address)
                held.set(holder, { address, count: (mine?.count ?? 0) + 1 })
              }
            } else {
              one.release(`${holder}`)
              if (mine !== undefined && mine.count > 1) held.set(holder, { ...mine, count: mine.count - 1 })
              else held.delete(holder)
            }
            expect(one.taken).toBe(held.size)
          }
        },
      ),
    )
  })
})
