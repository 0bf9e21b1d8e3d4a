/** TUN and TAP devices for Node on Linux, and UDP sockets that carry the traffic class, without a compiler at install. */
export { TunTapError } from './errors.ts'
export { openTun } from './tun.ts'
export type { TunDevice, TunOptions, TunPacketHandler, TunWriteOutcome } from './tun.ts'
export { openUdp } from './udp.ts'
export type { UdpOptions, UdpSocket } from './udp.ts'
export type { UdpSendOutcome } from './udp-outcome.ts'
export type { UdpEndpoint, UdpHandler } from './udp-receiver.ts'
export { openRawIp } from './raw-ip.ts'
export type { RawIpHandler, RawIpOptions, RawIpSocket } from './raw-ip.ts'
export { routeTowards } from './route-query.ts'
export type { RouteAnswer, RouteQuestion } from './route-query.ts'
export { interfaceIndex, watchNetwork } from './network-watch.ts'
export type { NetworkChange } from './network-watch.ts'
export { createPacketArena } from './arena.ts'
export type { PacketArena, PacketArenaOptions } from './arena.ts'
export { createUdpBatchSender } from './udp-batch-sender.ts'
export type { UdpBatchFailure, UdpBatchOptions, UdpBatchSender } from './udp-batch-sender.ts'
export { createUdpBatchReceiver } from './udp-batch-receiver.ts'
export type { UdpBatchHandler, UdpBatchReceiver } from './udp-batch-receiver.ts'
export { createTunQueue, LONGEST_TUN_PACKET, TUN_QUEUE_PARTS_LENGTH } from './tun-queue.ts'
export type { TunQueue, TunQueueOutcome } from './tun-queue.ts'
export {
  createOffloadHeader,
  OFFLOAD_HEADER_LENGTH,
  readOffloadHeader,
  writePlainHeader,
  writeSegmentsHeader,
} from './offload.ts'
export type { OffloadHeader, SegmentKind } from './offload.ts'
export { createBell, createWaiter } from './waiter.ts'
export type { Bell, Waiter } from './waiter.ts'
export { loadLibrary } from './native.ts'
export type { NativeFunction } from './native.ts'
