/** Sockets and adapters of this machine, which the workers reach by their descriptors. */
import type { DatagramSocket, Tun } from '../../ports.ts'

export interface DescribedSocket extends DatagramSocket {
  readonly descriptor: number
  setReceiveOffload(wanted: boolean): boolean
}

export interface DescribedTun extends Tun {
  readonly descriptor: number
  setOffloads(wanted: 'none' | 'all'): 'none' | 'tcp' | 'tcp-udp'
}

export const isDescribedSocket = (socket: DatagramSocket): socket is DescribedSocket =>
  'descriptor' in socket && typeof socket.descriptor === 'number' && 'setReceiveOffload' in socket

/** Only one that was opened with offload headers. */
export const isDescribedTun = (tun: Tun): tun is DescribedTun =>
  'descriptor' in tun && typeof tun.descriptor === 'number' && 'setOffloads' in tun
