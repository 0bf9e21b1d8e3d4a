/** What every RawPackets does: a port of ports.ts. */
import { expect, it } from 'vitest'
import type { RawPackets } from '../../src-main/ports.ts'
import { ipPacket } from '../fakes/packets.ts'

/** Of the experimental protocols (RFC 3692): nobody else sends them. */
const OURS = 253
const OTHER = 254

export interface RawPacketsUnderTest {
  readonly raw: RawPackets
  /** Addresses of this very host, one a family. */
  readonly address: { readonly 4: string; readonly 6: string }
}

export function rawPacketsContract(open: () => RawPacketsUnderTest): void {
  const soon = () => new Promise((resolve) => setTimeout(resolve, 100))

  for (const family of [4, 6] as const) {
    it(`IPv${family}: delivers whole packets of its protocols, header first`, async () => {
      const { raw, address } = open()
      const socket = raw.open(family, [OURS])
      const received: Uint8Array[] = []
      socket.onPacket((buffer, offset, length) => received.push(buffer.slice(offset, offset + length)))
      const ends = { from: address[family], to: address[family] }
      const packet = ipPacket(OURS, Uint8Array.of(1, 2, 3, 4, 5), { ...ends, trafficClass: 0x28 })
      const room = new Uint8Array(packet.length + 20)
      room.set(packet, 10)
      expect(socket.send(room, 10, packet.length)).toBe('sent')
      const other = ipPacket(OTHER, Uint8Array.of(6), ends)
      expect(socket.send(other, 0, other.length)).toBe('sent')
      room.fill(0)
      await soon()
      expect(received).toEqual([packet])
      socket.onPacket(undefined)
      expect(socket.send(packet, 0, packet.length)).toBe('sent')
      await soon()
      expect(received).toHaveLength(1)
      socket.close()
    })

    it(`IPv${family}: never throws, whatever it is to send`, () => {
      const { raw } = open()
      const socket = raw.open(family, [OURS])
      expect(socket.family).toBe(family)
      expect(socket.send(new Uint8Array(10), 0, 10)).toBe('failed')
      expect(socket.send(new Uint8Array(60), 50, 60)).toBe('failed')
      socket.close()
      expect(socket.send(new Uint8Array(60), 0, 60)).toBe('failed')
      socket.close()
    })
  }
}
