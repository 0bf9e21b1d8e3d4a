/** rtnetlink (rtnetlink(7)): how the kernel tells and is asked about links, addresses and routes. */
import { arena, failure, sys, type Arena } from './native.ts'

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_NONBLOCK = 0x800
const SOCK_CLOEXEC = 0x8_0000
const NETLINK_ROUTE = 0

export const NLMSG_ERROR = 2
export const NLMSG_HEADER_LENGTH = 16
export const RTM_NEWLINK = 16
export const RTM_DELLINK = 17
export const RTM_NEWADDR = 20
export const RTM_DELADDR = 21
export const RTM_NEWROUTE = 24
export const RTM_DELROUTE = 25
export const RTM_GETROUTE = 26
/** rtmsg: family, dst length, src length, tos, table, protocol, scope, type: one byte each; flags 4. */
export const RTMSG_LENGTH = 12

export interface NetlinkMessage {
  readonly type: number
  readonly view: DataView
  /** Where the content behind the header starts and ends. */
  readonly start: number
  readonly end: number
}

/** Opens a socket that hears these multicast groups (a bit mask; 0 for none). Throws TunTapError. */
export const openNetlink = (groups: number): number => {
  const fd = sys.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)
  if (fd < 0) throw failure('socket', 'netlink')
  const address = arena(12)
  address.view.setUint16(0, AF_NETLINK, true)
  address.view.setUint32(8, groups, true)
  if (sys.bind(fd, address.address, 12) < 0) {
    const error = failure('bind', 'netlink')
    sys.close(fd)
    throw error
  }
  return fd
}

/** The messages in the first `length` bytes: views into the memory. Stops at what does not fit. */
export const netlinkMessages = function* (memory: Arena, length: number): Generator<NetlinkMessage> {
  for (let at = 0; at + NLMSG_HEADER_LENGTH <= length;) {
    const size = memory.view.getUint32(at, true)
    if (size < NLMSG_HEADER_LENGTH || at + size > length) return
    yield {
      type: memory.view.getUint16(at + 4, true),
      view: memory.view,
      start: at + NLMSG_HEADER_LENGTH,
      end: at + size,
    }
    at += (size + 3) & ~3
  }
}

/** Where the value of an attribute lies, from `start` on; undefined when it is not there. */
export const netlinkAttribute = (
  { view, end }: NetlinkMessage,
  start: number,
  wanted: number,
): { readonly offset: number; readonly length: number } | undefined => {
  for (let at = start; at + 4 <= end;) {
    const size = view.getUint16(at, true)
    if (size < 4 || at + size > end) return undefined
    // The upper two bits are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
    if ((view.getUint16(at + 2, true) & 0x3fff) === wanted) return { offset: at + 4, length: size - 4 }
    at += (size + 3) & ~3
  }
  return undefined
}
