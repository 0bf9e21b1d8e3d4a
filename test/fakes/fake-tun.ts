/** A Tun in memory: what the tests inject comes out of the adapter, what is written is kept. */
import { PACKET_HEADROOM, PACKET_TAILROOM } from '../../src-main/ports.ts'
import type { PacketHandler, Tun } from '../../src-main/ports.ts'

export interface FakeTun extends Tun {
  /** As if the machine sent this packet into the tunnel; the bytes are copied into a slot with room around it. */
  inject(packet: Uint8Array): void
  /** Copies of what was written, oldest first; the test may empty it. */
  readonly written: Uint8Array[]
  /** Makes writes fail, as a full queue does. */
  full: boolean
}

export function createFakeTun(name = 'fake0'): FakeTun {
  let handler: PacketHandler | undefined
  const slot = new Uint8Array(PACKET_HEADROOM + 65_535 + PACKET_TAILROOM)
  return {
    name,
    written: [],
    full: false,
    onPacket(next) {
      handler = next
    },
    inject(packet) {
      // What stood in the slot before must not matter.
      slot.fill(0xa5)
      slot.set(packet, PACKET_HEADROOM)
      handler?.(slot, PACKET_HEADROOM, packet.length)
    },
    write(buffer, offset, length) {
      if (this.full) return false
      this.written.push(buffer.slice(offset, offset + length))
      return true
    },
    close() {
      handler = undefined
    },
  }
}
