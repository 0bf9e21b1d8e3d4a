/** Everything that reads inner packets: whatever the bytes, nothing is thrown, read or written outside the packet. */
import { fragmentIpv4 } from '../../src-main/ip/fragment.ts'
import { LONGEST_ANSWER, mayAnswer, writeTooBig } from '../../src-main/ip/icmp.ts'
import { clampMss } from '../../src-main/ip/mss.ts'
import { createPacketView, readPacket, writeTrafficClass } from '../../src-main/ip/packet.ts'
import { createFlowCache } from '../../src-main/ipsec/flow-cache.ts'
import {
  carriesInbound,
  carriesOutbound,
  compileSelectors,
  readOffendingPacket,
} from '../../src-main/ipsec/selectors.ts'
import { selectorsOf } from '../contracts/data-plane.contract.ts'
import { ipPacket, pingPacket, tcpPacket, udpPacket, concat } from '../fakes/packets.ts'
import type { Target } from './targets.ts'

const MARGIN = 64
const GUARD = 0xa7
const ipv4 = { from: '10.1.2.3', to: '192.0.2.9' }
const ipv6 = { from: 'fd00::1:2', to: '2001:db8::6' }
const view = createPacketView()
const quoted = createPacketView()
const out = new Uint8Array(66_000)
const cache = createFlowCache<number>()
const selectors = compileSelectors({
  local: selectorsOf(['10.0.0.0/8[udp/1-9999]', 'fd00::/8']),
  remote: selectorsOf(['0.0.0.0/0', '2000::/3[icmp/3]']),
})

const demand = (holds: boolean, what: string) => {
  if (!holds) throw new Error(what)
}

export const innerPacket: Target = {
  name: 'inner packet',
  share: 0.1,
  seeds: [
    udpPacket(ipv4),
    udpPacket({ ...ipv6, length: 1300 }),
    pingPacket(ipv4),
    pingPacket(ipv6),
    tcpPacket({ ...ipv4, tcpOptions: Uint8Array.of(2, 4, 5, 0xb4, 1, 3, 3, 7) }),
    tcpPacket({ ...ipv6, tcpOptions: Uint8Array.of(1, 2, 4, 5, 0xb4, 1, 1, 0) }),
    udpPacket({
      ...ipv4,
      moreFragments: true,
      fragmentOffset: 800,
      length: 800,
      options: Uint8Array.of(7, 3, 4, 0x94),
    }),
    ipPacket(
      0,
      concat(Uint8Array.of(44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 1, 0, 0, 0, 1), new Uint8Array(16)),
      ipv6,
    ),
    ipPacket(1, concat(Uint8Array.of(3, 4, 0, 0, 0, 0, 5, 0), udpPacket(ipv4).subarray(0, 28)), ipv4),
    ipPacket(58, concat(Uint8Array.of(2, 0, 0, 0, 0, 0, 5, 0), udpPacket(ipv6)), ipv6),
  ],
  run(input) {
    const buffer = new Uint8Array(input.length + 2 * MARGIN).fill(GUARD)
    buffer.set(input, MARGIN)
    if (!readPacket(buffer, MARGIN, input.length, view)) return false
    demand(view.headerLength <= view.length && view.length <= input.length, 'a length beyond the bytes')
    carriesInbound(selectors, view)
    carriesOutbound(selectors, view)
    cache.put(view, 7)
    demand(cache.get(view) === 7, 'the flow cache forgot')
    if (readOffendingPacket(buffer, MARGIN, view, quoted)) {
      demand(quoted.length + view.headerLength + 8 <= view.length, 'a quotation beyond the packet')
    }
    if (mayAnswer(view)) {
      const length = writeTooBig(buffer, MARGIN, view, 1280, out)
      demand(length <= LONGEST_ANSWER, 'too long an answer')
      demand(readPacket(out, 0, length, quoted) && quoted.length === length, 'an answer that is no packet')
    }
    if (view.version === 4) {
      fragmentIpv4(buffer, MARGIN, view, 300, out, 0, (length) =>
        demand(length <= 300 && readPacket(out, 0, length, quoted), 'a fragment that is no packet'),
      )
    }
    clampMss(buffer, MARGIN, view, 1300)
    writeTrafficClass(buffer, MARGIN, 0xff)
    const isGuard = (byte: number) => byte === GUARD
    demand(
      buffer.subarray(0, MARGIN).every(isGuard) && buffer.subarray(MARGIN + input.length).every(isGuard),
      'bytes written outside the packet',
    )
    return true
  },
}
