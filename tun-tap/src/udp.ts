/** UDP sockets with batched receiving and the traffic class of each datagram, both ways (udp(7), ip(7), ipv6(7), cmsg(3)). */
import { TunTapError } from './errors.ts'
import { addressOf, arena, errno, failure, sys, within, type Arena } from './native.ts'
import { routeTowards } from './route-query.ts'
import { watchReadable, type Watch } from './readiness.ts'
import {
  AF_INET,
  AF_INET6,
  SOCKET_ADDRESS_LENGTH,
  readAddress,
  readPort,
  writeSocketAddress,
  type Family,
} from './socket-address.ts'
import { outcomeOf, type UdpSendOutcome } from './udp-outcome.ts'
import { openReceiver, type UdpEndpoint, type UdpHandler } from './udp-receiver.ts'

const SOCK_DGRAM = 2
const SOCK_NONBLOCK = 0x800
const SOCK_CLOEXEC = 0x8_0000
const SOL_SOCKET = 1
const SO_SNDBUF = 7
const SO_RCVBUF = 8
const SO_SNDBUFFORCE = 32
const SO_RCVBUFFORCE = 33
const IPPROTO_IP = 0
const IPPROTO_IPV6 = 41
const IPPROTO_UDP = 17
const IP_TOS = 1
const IP_MTU_DISCOVER = 10
const IP_RECVTOS = 13
const IPV6_MTU_DISCOVER = 23
const IPV6_V6ONLY = 26
const IPV6_RECVTCLASS = 66
const IPV6_TCLASS = 67

const SOL_UDP = 17
const UDP_GRO = 104

/** One message to send: socket address, iovec, control data, struct msghdr (56 bytes on 64 bits). */
const send = {
  name: 0,
  iovec: 32,
  control: 48,
  header: 72,
  length: 128,
}
/** cmsghdr: length 8, level 4, type 4, then an int, padded to 8. */
const CONTROL_LENGTH = 24

export interface UdpOptions {
  readonly family: Family
  /** 0 takes any. */
  readonly port: number
  /** Default: every address of the family. */
  readonly address?: string
  /** `never` (default) lets routers fragment; `always` sets DF and reports `too-big` by the path's known MTU. */
  readonly dontFragment?: 'never' | 'always'
  /** Asked of the kernel, which caps it. Default 4 MiB. */
  readonly bufferBytes?: number
}

export interface UdpSocket {
  readonly family: Family
  readonly localAddress: string
  readonly localPort: number
  /** For whoever receives and sends in batches while there is no handler here; it stays this socket's to close. */
  readonly descriptor: number
  /** Whether datagrams of one length from one peer arrive together on the descriptor; false when the kernel cannot. */
  setReceiveOffload(wanted: boolean): boolean
  /** Never throws; the bytes are free again when it returns. `trafficClass` is the whole former TOS byte, default 0. */
  send(
    to: UdpEndpoint,
    buffer: Uint8Array,
    offset: number,
    length: number,
    trafficClass?: number,
  ): UdpSendOutcome
  /** Reading starts with a handler and rests without one. */
  onDatagram(handler: UdpHandler | undefined): void
  /** The source address of a datagram of this socket towards the peer, by the kernel's rules and routes; sends nothing. */
  localAddressTowards(to: UdpEndpoint): string | undefined
  close(): void
}

const setOption = (fd: number, level: number, name: number, value: number): boolean => {
  const integer = arena(4)
  integer.view.setInt32(0, value, true)
  return sys.setsockopt(fd, level, name, integer.address, 4) === 0
}

const configure = (fd: number, options: UdpOptions): void => {
  const required = (operation: string, level: number, name: number, value: number) => {
    if (!setOption(fd, level, name, value)) throw failure(operation)
  }
  const always = options.dontFragment === 'always'
  if (options.family === 4) {
    required('IP_RECVTOS', IPPROTO_IP, IP_RECVTOS, 1)
    required('IP_MTU_DISCOVER', IPPROTO_IP, IP_MTU_DISCOVER, always ? 2 : 0)
  } else {
    required('IPV6_V6ONLY', IPPROTO_IPV6, IPV6_V6ONLY, 1)
    required('IPV6_RECVTCLASS', IPPROTO_IPV6, IPV6_RECVTCLASS, 1)
    // IPv6 routers never fragment; 1 (want) lets this host do it by what it learnt of the path.
    required('IPV6_MTU_DISCOVER', IPPROTO_IPV6, IPV6_MTU_DISCOVER, always ? 2 : 1)
  }
  // A wish: without CAP_NET_ADMIN the kernel caps it at net.core.[rw]mem_max and does not tell.
  const bytes = options.bufferBytes ?? 4 * 1024 * 1024
  const wish = (forced: number, capped: number) =>
    setOption(fd, SOL_SOCKET, forced, bytes) || setOption(fd, SOL_SOCKET, capped, bytes)
  wish(SO_SNDBUFFORCE, SO_SNDBUF)
  wish(SO_RCVBUFFORCE, SO_RCVBUF)
}

const bind = (fd: number, options: UdpOptions): UdpEndpoint => {
  const memory = arena(32)
  const address = options.address ?? (options.family === 4 ? '0.0.0.0' : '::')
  const length = writeSocketAddress(memory.view, 0, options.family, address, options.port)
  if (length === 0) throw new TunTapError('bind', 'EINVAL', address)
  if (sys.bind(fd, memory.address, length) < 0) throw failure('bind', `${address} port ${options.port}`)
  memory.view.setUint32(28, SOCKET_ADDRESS_LENGTH, true)
  if (sys.getsockname(fd, memory.address, memory.address + 28) < 0) throw failure('getsockname')
  return { address: readAddress(memory.view, 0, options.family), port: readPort(memory.view, 0) }
}

/** Lays out everything of a message but what changes with each datagram. */
const prepareMessage = (family: Family): Arena => {
  const memory = arena(send.length)
  const pointer = (offset: number, value: number) => memory.view.setBigUint64(offset, BigInt(value), true)
  pointer(send.header, memory.address + send.name)
  pointer(send.header + 16, memory.address + send.iovec)
  pointer(send.header + 24, 1)
  pointer(send.header + 32, memory.address + send.control)
  pointer(send.control, 20)
  memory.view.setInt32(send.control + 8, family === 4 ? IPPROTO_IP : IPPROTO_IPV6, true)
  memory.view.setInt32(send.control + 12, family === 4 ? IP_TOS : IPV6_TCLASS, true)
  return memory
}

/**
 * Opens a UDP socket. Throws TunTapError: `bind` EADDRINUSE, EACCES (a port below 1024 without the right), EADDRNOTAVAIL;
 * `socket` EAFNOSUPPORT without IPv6.
 */
export const openUdp = (options: UdpOptions): UdpSocket => {
  const { family } = options
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC
  const fd = sys.socket(family === 4 ? AF_INET : AF_INET6, type, IPPROTO_UDP)
  if (fd < 0) throw failure('socket', `family ${family}`)
  let local: UdpEndpoint
  try {
    configure(fd, options)
    local = bind(fd, options)
  } catch (error) {
    sys.close(fd)
    throw error
  }

  const message = prepareMessage(family)
  const receiver = openReceiver(fd, family)
  let open = true
  let watch: Watch | undefined
  let lastAddress = ''
  let lastPort = -1

  /** Keeps the socket address of the last peer: a tunnel has one. */
  const direct = (to: UdpEndpoint): boolean => {
    if (to.port === lastPort && to.address === lastAddress) return true
    const length = writeSocketAddress(message.view, send.name, family, to.address, to.port)
    lastPort = -1
    if (length === 0) return false
    message.view.setUint32(send.header + 8, length, true)
    lastAddress = to.address
    lastPort = to.port
    return true
  }

  return {
    family,
    localAddress: local.address,
    localPort: local.port,
    descriptor: fd,
    setReceiveOffload: (wanted) => open && setOption(fd, SOL_UDP, UDP_GRO, wanted ? 1 : 0),
    send(to, buffer, offset, length, trafficClass = 0) {
      if (!open || !within(buffer, offset, length) || !direct(to)) return 'failed'
      const { view } = message
      view.setBigUint64(send.iovec, BigInt(addressOf(buffer) + offset), true)
      view.setUint32(send.iovec + 8, length, true)
      view.setUint32(send.header + 40, trafficClass === 0 ? 0 : CONTROL_LENGTH, true)
      view.setInt32(send.control + 16, trafficClass, true)
      return sys.sendmsg(fd, message.address + send.header, 0) >= 0 ? 'sent' : outcomeOf(errno())
    },
    onDatagram(handler) {
      if (!open) return
      receiver.handler = handler
      if (handler === undefined) {
        watch?.close()
        watch = undefined
      } else watch ??= watchReadable(fd, receiver.drain)
    },
    localAddressTowards(to) {
      const route = routeTowards({
        family,
        destination: to.address,
        udp: { sourcePort: local.port, destinationPort: to.port },
        ...(options.address === undefined ? {} : { source: options.address }),
      })
      return route?.source
    },
    close() {
      if (!open) return
      open = false
      receiver.handler = undefined
      watch?.close()
      sys.close(fd)
    },
  }
}
