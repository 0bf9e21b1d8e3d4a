import { arena, errno, sys } from './native.ts'
import {
  netlinkAttribute,
  netlinkMessages,
  openNetlink,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELROUTE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTMSG_LENGTH,
  type NetlinkMessage,
} from './netlink.ts'
import { watchReadable } from './readiness.ts'

/** RTMGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR, IPV6_ROUTE. */
const GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
const IFINFOMSG_LENGTH = 16
const IFLA_IFNAME = 3
const RTA_OIF = 4
const RTA_TABLE = 15
/** struct rtmsg: routes that are only cached answers (RTM_F_CLONED). */
const RTM_F_CLONED = 0x200
const EAGAIN = 11
const EINTR = 4

export type NetworkChange =
  | { readonly kind: 'link'; readonly interfaceIndex: number; readonly name: string }
  | { readonly kind: 'address'; readonly interfaceIndex: number }
  | { readonly kind: 'route'; readonly interfaceIndex: number | undefined; readonly table: number }
  /** So much happened that the kernel dropped some of it. */
  | { readonly kind: 'overrun' }

/** A string that ends in a zero byte. */
const textAt = (view: DataView, offset: number, length: number): string =>
  new TextDecoder()
    .decode(new Uint8Array(view.buffer, view.byteOffset + offset, length))
    .replace(/\0.*$/s, '')

const changeOf = (message: NetlinkMessage): NetworkChange | undefined => {
  const { view, start, type } = message
  // ifinfomsg and ifaddrmsg both carry the index at 4.
  if (type === RTM_NEWLINK || type === RTM_DELLINK) {
    const name = netlinkAttribute(message, start + IFINFOMSG_LENGTH, IFLA_IFNAME)
    return {
      kind: 'link',
      interfaceIndex: view.getInt32(start + 4, true),
      name: name === undefined ? '' : textAt(view, name.offset, name.length),
    }
  }
  if (type === RTM_NEWADDR || type === RTM_DELADDR)
    return { kind: 'address', interfaceIndex: view.getInt32(start + 4, true) }
  if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return undefined
  if ((view.getUint32(start + 8, true) & RTM_F_CLONED) !== 0) return undefined
  const table = netlinkAttribute(message, start + RTMSG_LENGTH, RTA_TABLE)
  const link = netlinkAttribute(message, start + RTMSG_LENGTH, RTA_OIF)
  return {
    kind: 'route',
    interfaceIndex: link === undefined ? undefined : view.getInt32(link.offset, true),
    table: table === undefined ? view.getUint8(start + 4) : view.getUint32(table.offset, true),
  }
}

/** Calls the handler for every change of links, addresses and routes in this network namespace, until closed. */
export const watchNetwork = (handler: (change: NetworkChange) => void): { close(): void } => {
  const fd = openNetlink(GROUPS)
  const memory = arena(65_536)
  let open = true
  const isOpen = (): boolean => open
  const watch = watchReadable(fd, () => {
    while (isOpen()) {
      const length = sys.recv(fd, memory.address, memory.bytes.length, 0)
      if (length <= 0) {
        const code = errno()
        if (code !== EAGAIN && code !== EINTR) handler({ kind: 'overrun' })
        return
      }
      for (const message of netlinkMessages(memory, length)) {
        const change = changeOf(message)
        if (change !== undefined && isOpen()) handler(change)
      }
    }
  })
  return {
    close() {
      if (!open) return
      open = false
      watch.close()
      sys.close(fd)
    },
  }
}

/** The kernel's number of a link in this network namespace; undefined when there is none of that name. */
export const interfaceIndex = (name: string): number | undefined => {
  const index = sys.if_nametoindex(name)
  return index === 0 ? undefined : index
}
