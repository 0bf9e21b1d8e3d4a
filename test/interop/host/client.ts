/** A program for the tests: holds host tunnels open and does what it is told, one JSON line a command. */
import { createInterface } from 'node:readline'
import { createDatagrams } from '../../../src-main/host/udp.ts'
import { createHostNetwork } from '../../../src-main/host/helper-client.ts'
import type { DatagramSocket, HostTunnel, TunnelConfiguration } from '../../../src-main/ports.ts'
import { VpnError } from '../../../src-shared/errors.ts'

type Command =
  | { do: 'open' | 'reconfigure'; at?: number; configuration: TunnelConfiguration }
  | { do: 'prepare' }
  | { do: 'close'; at: number }
  | { do: 'end' }
  | { do: 'udp'; family: 4 | 6; port: number }
  | { do: 'send'; to: { address: string; port: number }; text: string; trafficClass?: number }
  | { do: 'towards'; to: { address: string; port: number } }
  | { do: 'packets' }
  | { do: 'changes' }

const log: string[] = []
const network = createHostNetwork({
  helperPath: process.argv[2] ?? '',
  log: (level, area, message, fields) =>
    log.push(`${level} ${area} ${message} ${JSON.stringify(fields ?? {})}`),
})
const tunnels: HostTunnel[] = []
const packets: string[] = []
let socket: DatagramSocket | undefined
let changes = 0
network.onChange(() => {
  changes += 1
})

/** Echo requests come back: addresses swapped, type changed, checksum mended (RFC 1624). */
const answerPing = (tunnel: HostTunnel) => (buffer: Uint8Array, offset: number, length: number) => {
  const packet = buffer.subarray(offset, offset + length)
  packets.push(Buffer.from(packet).toString('hex'))
  const view = new DataView(buffer.buffer, buffer.byteOffset + offset, length)
  const version = view.getUint8(0) >> 4
  const [from, to, size, icmp, request] = version === 4 ? [12, 16, 4, 20, 8] : [8, 24, 16, 40, 128]
  if (view.getUint8(icmp) !== request) return
  const source = packet.slice(from, from + size)
  packet.copyWithin(from, to, to + size)
  packet.set(source, to)
  const reply = request === 8 ? 0 : 129
  view.setUint8(icmp, reply)
  let sum = (~view.getUint16(icmp + 2) & 0xffff) + (~(request << 8) & 0xffff) + (reply << 8)
  sum = (sum & 0xffff) + (sum >> 16)
  sum = (sum & 0xffff) + (sum >> 16)
  view.setUint16(icmp + 2, ~sum & 0xffff)
  tunnel.tun.write(buffer, offset, length)
}

const perform = async (command: Command): Promise<unknown> => {
  switch (command.do) {
    case 'open': {
      const tunnel = await network.open(command.configuration)
      tunnel.tun.onPacket(answerPing(tunnel))
      tunnels.push(tunnel)
      return { device: tunnel.tun.name, at: tunnels.length - 1 }
    }
    case 'reconfigure':
      return tunnels[command.at ?? 0]?.reconfigure(command.configuration)
    case 'prepare':
      return network.prepare()
    case 'close':
      return tunnels[command.at]?.close()
    case 'end':
      for (const tunnel of tunnels) tunnel.tun.close()
      socket?.close()
      input.close()
      process.stdin.destroy()
      return network.close()
    case 'udp':
      socket = createDatagrams().open(command.family, command.port)
      return socket.localPort
    case 'send': {
      const bytes = new TextEncoder().encode(command.text)
      return socket?.send(command.to, bytes, 0, bytes.length, command.trafficClass)
    }
    case 'towards':
      return socket?.localAddressTowards(command.to)
    case 'packets':
      return packets.splice(0)
    case 'changes':
      return changes
  }
}

const input = createInterface({ input: process.stdin })
input.on('line', (line) => {
  perform(JSON.parse(line) as Command).then(
    (value) => process.stdout.write(`${JSON.stringify({ ok: true, value, log: log.splice(0) })}\n`),
    (error: unknown) =>
      process.stdout.write(
        `${JSON.stringify({ ok: false, code: error instanceof VpnError ? error.code : 'bug', error: String(error), log: log.splice(0) })}\n`,
      ),
  )
})
