/** Two fast data planes back to back over real sockets of the loopback interface; between them a relay that looks and meddles. */
import { createSocket } from 'node:dgram'
import { openUdp } from 'tun-tap'
import type { UdpSocket } from 'tun-tap'
import { millis } from '../../../src-shared/brands.ts'
import type { ProviderName } from '../../../src-main/host/fast/crypto/provider.ts'
import { createDatagrams } from '../../../src-main/host/udp.ts'
import type { DataPlaneEvent } from '../../../src-main/ipsec/data-plane.ts'
import type { Endpoint } from '../../../src-main/ports.ts'
import type { PlanePair, WireDatagram } from '../../contracts/data-plane.contract.ts'
import { takePlane } from './warm-planes.ts'
import { openPipeTun } from './pipe-tun.ts'
import type { PipeTun } from './pipe-tun.ts'

export interface FastPair extends PlanePair {
  readonly leftTun: PipeTun
  readonly rightTun: PipeTun
}

export interface FastPairOptions {
  readonly workerPath: string
  readonly providers: readonly ProviderName[]
  readonly family?: 4 | 6
}

const QUIET_ROUNDS = 10
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))

export async function openFastPair({
  workerPath,
  providers,
  family = 4,
}: FastPairOptions): Promise<FastPair> {
  const loopback = family === 4 ? '127.0.0.1' : '::1'
  let advanced = 0
  const clock = { monotonic: () => millis(performance.now() + advanced) }
  const wire: WireDatagram[] = []
  let meddling: (datagram: WireDatagram) => readonly WireDatagram[] = (datagram) => [datagram]
  let changes = 0

  const openEnd = async () => {
    const events: DataPlaneEvent[] = []
    const ike: Uint8Array[] = []
    const received: Uint8Array[] = []
    const pipe = openPipeTun()
    const { plane, release } = await takePlane({
      workerPath,
      providers,
      clock,
      onIke: (_, message) => ike.push(message),
      onEvent: (event) => events.push(event),
    })
    const socket = createDatagrams().open(family, 0, loopback)
    plane.listen(socket, 'marked')
    plane.useTun(pipe.tun)
    /** Where the other end sees this one: a socket of the relay's. */
    const face = openUdp({ family, port: 0, address: loopback })
    const endpoint = { address: loopback, port: face.localPort }
    const inject = (packet: Uint8Array) => pipe.inject(packet)
    return { plane, release, socket, pipe, face, endpoint, events, ike, inject, received }
  }
  const one = await openEnd()
  const other = await openEnd()
  type End = typeof one
  const empty = createSocket(family === 4 ? 'udp4' : 'udp6')
  const faces = new Map<string, UdpSocket>()

  /** A socket to send from, bound there where that may be. */
  const faceAt = ({ address, port }: Endpoint): UdpSocket => {
    const known =
      [one, other].find((end) => end.endpoint.port === port)?.face ?? faces.get(`${address} ${port}`)
    if (known !== undefined) return known
    let made: UdpSocket
    try {
      made = openUdp({ family, port, address })
    } catch {
      made = openUdp({ family, port: 0, address })
    }
    faces.set(`${address} ${port}`, made)
    return made
  }

  const transmit = (to: Pick<End, 'socket'>, { from, bytes }: WireDatagram): void => {
    changes += 1
    const target = { address: loopback, port: to.socket.localPort }
    // A face sends nothing empty; where that comes from does not matter.
    if (bytes.length > 0) faceAt(from).send(target, bytes, 0, bytes.length)
    else empty.send(bytes, target.port, target.address, () => (changes += 1))
  }

  const relay = (from: End, to: End): void => {
    to.face.onDatagram((_, buffer, offset, length) => {
      changes += 1
      const datagram = { from: from.endpoint, bytes: buffer.slice(offset, offset + length) }
      wire.push(datagram)
      for (const arriving of meddling(datagram)) transmit(to, arriving)
    })
  }
  relay(one, other)
  relay(other, one)

  const pathTo = (from: End, to: End) =>
    from.plane.addPath({ socket: from.socket, endpoint: to.endpoint, mtu: 1500, followPeer: false })
  const left = { ...one, path: pathTo(one, other) }
  const right = { ...other, path: pathTo(other, one) }
  const ends = [left, right]

  /** Two commands have a whole turn of the worker between them. */
  const barrier = (): void => {
    for (const { plane, path } of ends) for (let time = 0; time < 2; time += 1) plane.setPath(path, {})
  }

  const collect = (): void => {
    for (const end of ends) {
      const packets = end.pipe.takePackets()
      changes += packets.length
      end.received.push(...packets)
    }
  }

  return {
    left,
    right,
    leftTun: one.pipe,
    rightTun: other.pipe,
    wire,
    async settle() {
      // On a busy machine the kernel delivers what was sent a moment later.
      for (let quiet = 0; quiet < QUIET_ROUNDS;) {
        const before = changes
        barrier()
        await pause()
        collect()
        quiet = changes === before ? quiet + 1 : 0
      }
    },
    meddle(change) {
      meddling = change
    },
    transmit(to, datagram) {
      transmit(to === left ? left : right, datagram)
    },
    advance(milliseconds) {
      advanced += milliseconds
    },
    close() {
      for (const { plane, release, socket, face, pipe, path } of ends) {
        for (const { id } of plane.statistics().sas) plane.remove(id)
        plane.removePath(path)
        plane.unlisten(socket)
        plane.useTun(undefined)
        release()
        socket.close()
        face.close()
        pipe.close()
      }
      for (const face of faces.values()) face.close()
      empty.close()
      return Promise.resolve()
    },
  }
}
