import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../src-main/ip/address.ts'
import { createPacketView, readPacket } from '../../src-main/ip/packet.ts'
import { selectorMatches } from '../../src-main/ip/traffic-selector.ts'
import { createFlowCache } from '../../src-main/ipsec/flow-cache.ts'
import { carriesInbound, carriesOutbound, compileSelectors } from '../../src-main/ipsec/selectors.ts'
import { selectorsOf } from '../contracts/data-plane.contract.ts'
import { ipPacket, pingPacket, udpPacket } from '../fakes/packets.ts'

const viewOf = (packet: Uint8Array) => {
  const view = createPacketView()
  expect(readPacket(packet, 0, packet.length, view)).toBe(true)
  return view
}
const carries = (local: string, remote: string, packet: Uint8Array) =>
  carriesOutbound(
    compileSelectors({ local: selectorsOf([local]), remote: selectorsOf([remote]) }),
    viewOf(packet),
  )

const ipv4 = { from: '10.0.0.5', to: '10.0.1.9' }
const ipv6 = { from: 'fd00::5', to: 'fd00:1::9' }

describe('compiled selectors', () => {
  it.each([
    ['its addresses', '10.0.0.0/24', '10.0.1.0/24', udpPacket(ipv4), true],
    [
      'the first and last address of a range',
      '10.0.0.5-10.0.0.5',
      '10.0.1.0-10.0.1.9',
      udpPacket(ipv4),
      true,
    ],
    ['one below', '10.0.0.6-10.0.0.9', '0.0.0.0/0', udpPacket(ipv4), false],
    ['one above', '0.0.0.0/0', '10.0.0.0-10.0.1.8', udpPacket(ipv4), false],
    ['addresses above 2^31', '200.0.0.0/8', '0.0.0.0/0', udpPacket({ ...ipv4, from: '200.1.1.1' }), true],
    ['IPv6', 'fd00::/64', 'fd00:1::/64', udpPacket(ipv6), true],
    ['IPv6 outside', 'fd00::/64', 'fd00:2::/64', udpPacket(ipv6), false],
    ['the other family', '0.0.0.0/0', '0.0.0.0/0', udpPacket(ipv6), false],
    ['its protocol and port', '0.0.0.0/0[udp]', '0.0.0.0/0[udp/53]', udpPacket(ipv4), true],
    ['another port', '0.0.0.0/0[udp]', '0.0.0.0/0[udp/54]', udpPacket(ipv4), false],
    ['another protocol', '0.0.0.0/0[tcp]', '0.0.0.0/0[tcp]', udpPacket(ipv4), false],
    ['ICMP type and code', '0.0.0.0/0[icmp/8]', '0.0.0.0/0[icmp/8]', pingPacket(ipv4), true],
    ['another ICMP type', '0.0.0.0/0[icmp/0]', '0.0.0.0/0[icmp/0]', pingPacket(ipv4), false],
    ['a fragment: any port', '0.0.0.0/0', '0.0.0.0/0[udp]', udpPacket({ ...ipv4, fragmentOffset: 8 }), true],
    [
      'a fragment: some port',
      '0.0.0.0/0',
      '0.0.0.0/0[udp/53]',
      udpPacket({ ...ipv4, fragmentOffset: 8 }),
      false,
    ],
    [
      'a fragment: opaque',
      '0.0.0.0/0',
      '0.0.0.0/0[udp/opaque]',
      udpPacket({ ...ipv4, fragmentOffset: 8 }),
      true,
    ],
    ['visible ports: opaque', '0.0.0.0/0', '0.0.0.0/0[udp/opaque]', udpPacket(ipv4), false],
    ['a protocol without ports', '0.0.0.0/0', '0.0.0.0/0[gre]', ipPacket(47, new Uint8Array(8), ipv4), true],
  ])('decide about %s', (_, local, remote, packet, expected) => {
    expect(carries(local, remote, packet)).toBe(expected)
  })

  it('look at the other end on the way in', () => {
    const compiled = compileSelectors({
      local: selectorsOf(['10.0.0.0/24[udp/53]']),
      remote: selectorsOf(['10.0.1.0/24']),
    })
    const answer = viewOf(udpPacket({ from: ipv4.to, to: ipv4.from }))
    expect(carriesInbound(compiled, answer)).toBe(true)
    expect(carriesOutbound(compiled, answer)).toBe(false)
    expect(carriesInbound(compiled, viewOf(udpPacket(ipv4)))).toBe(false)
  })

  it('agree with the plain ones on any address', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6())
    const texts = fc.constantFrom(
      '10.0.0.0/8',
      '128.0.0.0-200.1.2.3',
      'fd00::/8',
      '2001:db8::-2001:db8:0:1::5',
      '::/0',
      '8000::-ffff::1',
    )
    fc.assert(
      fc.property(address, address, texts, (from, to, text) => {
        if (from.includes(':') !== to.includes(':')) return
        const [selector] = selectorsOf([text])
        const source = parseAddress(from)
        if (selector === undefined || source === undefined) return
        const everything = selector.start.family === 4 ? '0.0.0.0/0' : '::/0'
        const expected = selectorMatches(selector, source, 17, 4000)
        expect(carries(text, everything, udpPacket({ from, to }))).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })
})

describe('createFlowCache', () => {
  it('gives for a flow what was kept for this flow, or nothing', () => {
    const flows = Array.from({ length: 5000 }, (_, index) => {
      const family = index % 2 === 0 ? ipv4 : ipv6
      const ports = { sourcePort: index * 13, destinationPort: 443 + (index % 5) }
      return viewOf(index % 11 === 0 ? pingPacket(family) : udpPacket({ ...family, ...ports }))
    })
    const key = (view: (typeof flows)[number]) =>
      [view.version, view.protocol, view.sourcePort, view.destinationPort].join(' ')
    const cache = createFlowCache<string>()
    for (const view of flows) cache.put(view, key(view))
    let known = 0
    for (const view of flows) {
      const found = cache.get(view)
      if (found === undefined) continue
      expect(found).toBe(key(view))
      known += 1
    }
    // Most of its slots are in use.
    expect(known).toBeGreaterThan(800)
    cache.clear()
    expect(flows.every((view) => cache.get(view) === undefined)).toBe(true)
  })

  it('remembers any two flows at once, whichever slots they have', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(65_535), fc.nat(65_535)), ([a, b]) => {
        const cache = createFlowCache<number>()
        const views = [a, b].map((sourcePort) =>
          viewOf(udpPacket({ ...ipv4, sourcePort, destinationPort: 1 })),
        )
        for (const view of views) cache.put(view, view.sourcePort)
        expect(views.map((view) => cache.get(view))).toEqual([a, b])
      }),
      { numRuns: 500 },
    )
  })
})
