/** Raw IP sockets that carry whole packets with their headers (raw(7), ip(7), ipv6(7), RFC 3542). They need CAP_NET_RAW. */
import { addressOf, arena, errno, failure, sys, within, type Arena } from './native.ts'
import { watchReadable, type Watch } from './readiness.ts'
import { AF_INET, AF_INET6, SOCKET_ADDRESS_LENGTH, type Family } from './socket-address.ts'
import { outcomeOf, type UdpSendOutcome } from './udp-outcome.ts'

const SOCK_RAW = 3
const SOCK_NONBLOCK = 0x800
const SOCK_CLOEXEC = 0x8_0000
const SOL_SOCKET = 1
const SO_BINDTODEVICE = 25
const SO_RCVBUFFORCE = 33
const SO_MARK = 36
const IPPROTO_IP = 0
const IPPROTO_IPV6 = 41
const IP_HDRINCL = 3
const IPV6_HDRINCL = 36
const IPV6_RECVPKTINFO = 49
const IPV6_PKTINFO = 50
const IPV6_RECVHOPLIMIT = 51
const IPV6_HOPLIMIT = 52
const IPV6_RECVHOPOPTS = 53
const IPV6_HOPOPTS = 54
const IPV6_RECVRTHDR = 56
const IPV6_RTHDR = 57
const IPV6_RECVDSTOPTS = 58
const IPV6_DSTOPTS = 59
const IPV6_RECVTCLASS = 66
const IPV6_TCLASS = 67

const RECEIVE_BUFFER = 4 * 1024 * 1024
const IPV6_HEADER_LENGTH = 40
const MAXIMUM_LENGTH = 65_535
/** Room for an IPv6 header with extension headers, which the kernel hands over apart from the payload. */
const ROOM_BEFORE = 1_024
const CONTROL_LENGTH = 2_048
/** Packets taken in one turn of the event loop, so that timers and sockets get theirs. */
const BUDGET = 64

/** struct mmsghdr, iovec, sender, control data, then the packet. */
const layout = { message: 0, iovec: 64, sender: 80, control: 112, packet: 112 + CONTROL_LENGTH + ROOM_BEFORE }

export interface RawIpOptions {
  readonly family: Family
  /** IP protocol numbers of what is received; anything can be sent. */
  readonly protocols: readonly number[]
  /** What routing rules know the packets sent here by (SO_MARK). Needs CAP_NET_ADMIN. */
  readonly mark?: number
  /** The only interface to send and receive on. */
  readonly interfaceName?: string
}

/** The whole packet with its header; the view is good during the call only. Fragments were put together by the kernel. */
export type RawIpHandler = (buffer: Uint8Array, offset: number, length: number) => void

export interface RawIpSocket {
  readonly family: Family
  /** Sends a whole IP packet to the destination in its header. Never throws; `too-big`: longer than the interface's MTU. */
  send(buffer: Uint8Array, offset: number, length: number): UdpSendOutcome
  /** Reading starts with a handler and rests without one. */
  onPacket(handler: RawIpHandler | undefined): void
  close(): void
}

const setOption = (fd: number, level: number, name: number, value: number, required = true): void => {
  const integer = arena(4)
  integer.view.setInt32(0, value, true)
  if (sys.setsockopt(fd, level, name, integer.address, 4) < 0 && required)
    throw failure(`setsockopt ${level} ${name}`)
}

const configure = (fd: number, { family, mark, interfaceName }: RawIpOptions): void => {
  if (family === 4) setOption(fd, IPPROTO_IP, IP_HDRINCL, 1)
  else {
    setOption(fd, IPPROTO_IPV6, IPV6_HDRINCL, 1)
    const wanted = [IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS]
    for (const name of [...wanted, IPV6_RECVHOPOPTS, IPV6_RECVRTHDR, IPV6_RECVDSTOPTS])
      setOption(fd, IPPROTO_IPV6, name, 1)
  }
  if (mark !== undefined) setOption(fd, SOL_SOCKET, SO_MARK, mark)
  if (interfaceName !== undefined) {
    const name = arena(16)
    name.bytes.set(new TextEncoder().encode(interfaceName).subarray(0, 15))
    if (sys.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.address, 16) < 0)
      throw failure('SO_BINDTODEVICE', interfaceName)
  }
  // A wish: it needs CAP_NET_ADMIN.
  setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER, false)
}

const prepareReceive = (): Arena => {
  const memory = arena(layout.packet + MAXIMUM_LENGTH + 1)
  const pointer = (offset: number, value: number) => memory.view.setBigUint64(offset, BigInt(value), true)
  pointer(layout.message, memory.address + layout.sender)
  pointer(layout.message + 16, memory.address + layout.iovec)
  pointer(layout.message + 24, 1)
  pointer(layout.message + 32, memory.address + layout.control)
  pointer(layout.iovec, memory.address + layout.packet)
  pointer(layout.iovec + 8, MAXIMUM_LENGTH)
  return memory
}

const extensionOf = new Map([
  [IPV6_HOPOPTS, 0],
  [IPV6_RTHDR, 43],
  [IPV6_DSTOPTS, 60],
])

/**
 * Puts the IPv6 header and its extension headers, which come as control messages in the packet's order, in front of the payload.
 * Gives their length; 0 when something is missing.
 */
const rebuildIpv6 = ({ view, bytes }: Arena, payload: number, protocol: number): number => {
  const end = layout.control + view.getUint32(layout.message + 40, true)
  const extensions: { readonly next: number; readonly at: number; readonly length: number }[] = []
  let destination = 0
  let hopLimit = 64
  let trafficClass = 0
  for (let at = layout.control; at + 16 <= end;) {
    const length = view.getUint32(at, true)
    if (length < 16 || at + length > end) return 0
    const type = view.getInt32(at + 12, true)
    const next = extensionOf.get(type)
    if (type === IPV6_PKTINFO) destination = at + 16
    else if (type === IPV6_HOPLIMIT) hopLimit = view.getInt32(at + 16, true)
    else if (type === IPV6_TCLASS) trafficClass = view.getInt32(at + 16, true)
    else if (next !== undefined) extensions.push({ next, at: at + 16, length: length - 16 })
    at += (length + 7) & ~7
  }
  const extra = extensions.reduce((sum, { length }) => sum + length, 0)
  if (destination === 0 || IPV6_HEADER_LENGTH + extra > ROOM_BEFORE) return 0
  const start = layout.packet - IPV6_HEADER_LENGTH - extra
  view.setUint32(start, 0x6000_0000 | (trafficClass << 20))
  view.setUint16(start + 4, extra + payload)
  view.setUint8(start + 6, extensions[0]?.next ?? protocol)
  view.setUint8(start + 7, hopLimit)
  bytes.copyWithin(start + 8, layout.sender + 8, layout.sender + 24)
  bytes.copyWithin(start + 24, destination, destination + 16)
  let put = start + IPV6_HEADER_LENGTH
  for (const [index, { at, length }] of extensions.entries()) {
    bytes.copyWithin(put, at, at + length)
    view.setUint8(put, extensions[index + 1]?.next ?? protocol)
    put += length
  }
  return IPV6_HEADER_LENGTH + extra
}

/**
 * Opens raw sockets of one family, one for each protocol. Throws TunTapError: `socket` EPERM without the right,
 * EAFNOSUPPORT without IPv6.
 */
export const openRawIp = (options: RawIpOptions): RawIpSocket => {
  const { family } = options
  const descriptors: { readonly fd: number; readonly protocol: number }[] = []
  const closeAll = () => {
    for (const { fd } of descriptors) sys.close(fd)
  }
  try {
    for (const protocol of options.protocols) {
      const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC
      const fd = sys.socket(family === 4 ? AF_INET : AF_INET6, type, protocol)
      if (fd < 0) throw failure('socket', `raw, protocol ${protocol}`)
      descriptors.push({ fd, protocol })
      configure(fd, options)
    }
  } catch (error) {
    closeAll()
    throw error
  }
  const receiving = prepareReceive()
  const destination = arena(SOCKET_ADDRESS_LENGTH)
  const outgoing = arena(56 + 16)
  const pointer = (offset: number, value: number) => outgoing.view.setBigUint64(offset, BigInt(value), true)
  pointer(0, destination.address)
  outgoing.view.setUint32(8, family === 4 ? 16 : SOCKET_ADDRESS_LENGTH, true)
  pointer(16, outgoing.address + 56)
  pointer(24, 1)
  destination.view.setUint16(0, family === 4 ? AF_INET : AF_INET6, true)
  let open = true
  let handler: RawIpHandler | undefined
  let watches: readonly Watch[] = []

  const receive = (fd: number, protocol: number): boolean => {
    const { view } = receiving
    view.setUint32(layout.message + 8, SOCKET_ADDRESS_LENGTH, true)
    view.setBigUint64(layout.message + 40, BigInt(CONTROL_LENGTH), true)
    if (sys.recvmmsg(fd, receiving.address, 1, 0, 0) !== 1) return false
    const length = view.getUint32(layout.message + 56, true)
    const header = family === 4 ? 0 : rebuildIpv6(receiving, length, protocol)
    if (family === 4 || header > 0) handler?.(receiving.bytes, layout.packet - header, length + header)
    return true
  }

  return {
    family,
    send(buffer, offset, length) {
      const [socket] = descriptors
      if (!open || socket === undefined || !within(buffer, offset, length)) return 'failed'
      const [from, to] = family === 4 ? [16, 4] : [24, 8]
      const size = family === 4 ? 4 : 16
      if (length < from + size) return 'failed'
      destination.bytes.set(buffer.subarray(offset + from, offset + from + size), to)
      pointer(56, addressOf(buffer) + offset)
      outgoing.view.setUint32(64, length, true)
      return sys.sendmsg(socket.fd, outgoing.address, 0) >= 0 ? 'sent' : outcomeOf(errno())
    },
    onPacket(next) {
      if (!open) return
      handler = next
      if (next === undefined) {
        for (const watch of watches) watch.close()
        watches = []
      } else if (watches.length === 0)
        watches = descriptors.map(({ fd, protocol }) =>
          watchReadable(fd, () => {
            for (let count = 0; count < BUDGET && handler !== undefined; count += 1)
              if (!receive(fd, protocol)) return
          }),
        )
    },
    close() {
      if (!open) return
      open = false
      handler = undefined
      for (const watch of watches) watch.close()
      closeAll()
    },
  }
}
