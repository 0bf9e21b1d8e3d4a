/**
 * How many packets a second one thread seals and opens, suite by suite: `npm run bench -- data-plane`.
 * Sealing is a packet from the adapter to the socket, opening is a datagram from the socket to the adapter, with policies,
 * window and selectors; adapter and socket cost nothing here.
 */
import type { EspSuite } from '../../src-shared/algorithms.ts'
import { espSpi, millis } from '../../src-shared/brands.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import { createPortableDataPlane } from '../../src-main/ipsec/portable-data-plane.ts'
import type {
  DatagramHandler,
  DatagramSocket,
  PacketCrypto,
  PacketHandler,
  Tun,
} from '../../src-main/ports.ts'
import { PACKET_HEADROOM, PACKET_TAILROOM } from '../../src-main/ports.ts'
import { keysFor, selectorsOf, suites } from '../contracts/data-plane.contract.ts'
import { udpPacket } from '../fakes/packets.ts'
import { report } from './row.ts'

const PACKET_LENGTH = 1400
const BATCH = 256
const SECONDS = 1.5

interface Ends {
  readonly inject: PacketHandler
  readonly receive: DatagramHandler
  readonly sent: { buffer: Uint8Array; offset: number; length: number }
  delivered(): number
  drops(): string
}

const peer = { address: '203.0.113.1', port: 4500 }

/** One plane with both SAs of the same keys, so that it opens what it sealed. */
function openEnds(packetCrypto: PacketCrypto, suite: EspSuite): Ends {
  let onPacket: PacketHandler | undefined
  let onDatagram: DatagramHandler | undefined
  let written = 0
  const sent: Ends['sent'] = { buffer: new Uint8Array(), offset: 0, length: 0 }
  const tun: Tun = {
    name: 'bench0',
    onPacket: (handler) => (onPacket = handler),
    write: () => ((written += 1), true),
    close: () => undefined,
  }
  const socket: DatagramSocket = {
    family: 4,
    localPort: 4500,
    send(_, buffer, offset, length) {
      sent.buffer = buffer
      sent.offset = offset
      sent.length = length
      return 'sent'
    },
    onDatagram: (handler) => (onDatagram = handler),
    localAddressTowards: () => undefined,
    close: () => undefined,
  }
  const plane = createPortableDataPlane({
    packetCrypto,
    clock: { monotonic: () => millis(performance.now()) },
    onIke: () => undefined,
    onEvent: () => undefined,
  })
  plane.listen(socket, 'marked')
  plane.useTun(tun)
  const path = plane.addPath({ socket, endpoint: peer, mtu: 1500, followPeer: false })
  const everything = selectorsOf(['0.0.0.0/0'])
  const sa = { spi: espSpi(0x1000), suite, selectors: { local: everything, remote: everything }, path }
  plane.installInbound({ ...sa, keys: keysFor(suite, 1), replayWindow: 64 })
  plane.installOutbound({ ...sa, keys: keysFor(suite, 1) })
  if (onPacket === undefined || onDatagram === undefined) throw new Error('the plane did not attach')
  return {
    inject: onPacket,
    receive: onDatagram,
    sent,
    delivered: () => written,
    drops: () => JSON.stringify(plane.statistics().drops),
  }
}

interface Figures {
  readonly seal: number
  readonly open: number
}

/** Packets a second; each batch is sealed slot by slot, then opened. Copies into the slots are outside the clock. */
function measure(packetCrypto: PacketCrypto, suite: EspSuite, seconds: number): Figures {
  const ends = openEnds(packetCrypto, suite)
  const packet = udpPacket({ from: '10.9.0.2', to: '192.168.50.7', length: PACKET_LENGTH - 28 })
  const slotLength = PACKET_HEADROOM + 2048 + PACKET_TAILROOM
  const slots = Array.from({ length: BATCH }, () => new Uint8Array(slotLength))
  const datagrams = slots.map(() => ({ offset: 0, length: 0 }))
  let sealing = 0
  let opening = 0
  let packets = 0
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    for (const slot of slots) slot.set(packet, PACKET_HEADROOM)
    const start = performance.now()
    for (const [index, slot] of slots.entries()) {
      ends.inject(slot, PACKET_HEADROOM, packet.length)
      const datagram = datagrams[index]
      if (datagram !== undefined) [datagram.offset, datagram.length] = [ends.sent.offset, ends.sent.length]
    }
    const middle = performance.now()
    for (const [index, slot] of slots.entries()) {
      const datagram = datagrams[index]
      if (datagram !== undefined) ends.receive(peer, slot, datagram.offset, datagram.length, 0)
    }
    opening += performance.now() - middle
    sealing += middle - start
    packets += BATCH
  }
  if (ends.delivered() !== packets) throw new Error(`${ends.delivered()} of ${packets}: ${ends.drops()}`)
  return { seal: (packets / sealing) * 1000, open: (packets / opening) * 1000 }
}

for (const [name, suite] of suites) {
  measure(createPacketCrypto(), suite, SECONDS / 3)
  const { seal, open } = measure(createPacketCrypto(), suite, SECONDS)
  const both = 1 / (1 / seal + 1 / open)
  const thousands = (value: number) => `${Math.round(value / 1000)},000`
  report({
    name: `Data plane, ${name}, packets of ${PACKET_LENGTH} bytes`,
    value: `${thousands(seal)} sealed/s, ${thousands(open)} opened/s`,
    note: `one thread; sealed and opened again ${((both * PACKET_LENGTH * 8) / 1e9).toFixed(2)} Gbit/s`,
  })
}
