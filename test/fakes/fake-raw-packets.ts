/** Raw IP in memory: what one socket sends, the others of its family receive when they are of its protocol. */
import type { PacketHandler, RawPackets } from '../../src-main/ports.ts'
import { readU8 } from '../../src-main/ip/octets.ts'

export interface FakeRawPackets extends RawPackets {
  /** Copies of all that was sent, oldest first. */
  readonly sent: Uint8Array[]
}

export function createFakeRawPackets(): FakeRawPackets {
  const open = new Set<{ family: 4 | 6; protocols: readonly number[]; handler: PacketHandler | undefined }>()
  const sent: Uint8Array[] = []
  return {
    sent,
    open(family, protocols) {
      const socket = { family, protocols, handler: undefined as PacketHandler | undefined }
      open.add(socket)
      return {
        family,
        send(buffer, offset, length) {
          const least = family === 4 ? 20 : 40
          if (!open.has(socket) || length < least || offset + length > buffer.length) return 'failed'
          const packet = buffer.slice(offset, offset + length)
          sent.push(packet)
          const protocol = readU8(packet, family === 4 ? 9 : 6)
          for (const other of open) {
            if (other.family !== family || !other.protocols.includes(protocol)) continue
            queueMicrotask(() => other.handler?.(packet.slice(), 0, packet.length))
          }
          return 'sent'
        },
        onPacket(handler) {
          socket.handler = handler
        },
        close() {
          open.delete(socket)
          socket.handler = undefined
        },
      }
    },
  }
}
