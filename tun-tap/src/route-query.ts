import { arena, sys } from './native.ts'
import {
  netlinkAttribute,
  netlinkMessages,
  NLMSG_HEADER_LENGTH,
  openNetlink,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTMSG_LENGTH,
  type NetlinkMessage,
} from './netlink.ts'
import { AF_INET, AF_INET6, formatAddress, parseAddress, type Family } from './socket-address.ts'

const NLM_F_REQUEST = 1
const RTA_DST = 1
const RTA_SRC = 2
const RTA_OIF = 4
const RTA_PREFSRC = 7
const RTA_IP_PROTO = 27
const RTA_SPORT = 28
const RTA_DPORT = 29
const IPPROTO_UDP = 17
const RTN_UNICAST = 1
const RTN_LOCAL = 2

export interface RouteQuestion {
  readonly family: Family
  readonly destination: string
  readonly source?: string
  /** Routing rules may look at these. */
  readonly udp?: { readonly sourcePort: number; readonly destinationPort: number }
}

export interface RouteAnswer {
  /** The source address that the kernel would take. */
  readonly source: string | undefined
  readonly interfaceIndex: number | undefined
}

const encodeQuestion = (question: RouteQuestion): Uint8Array | undefined => {
  const [plain = ''] = question.destination.split('%')
  const destination = parseAddress(question.family, plain)
  if (destination === undefined) return undefined
  const source = question.source === undefined ? undefined : parseAddress(question.family, question.source)
  const port = (value: number) => Uint8Array.of(value >> 8, value & 0xff)
  const attributes: (readonly [number, Uint8Array])[] = [[RTA_DST, destination]]
  if (source?.some((byte) => byte !== 0) === true) attributes.push([RTA_SRC, source])
  if (question.udp !== undefined)
    attributes.push(
      [RTA_IP_PROTO, Uint8Array.of(IPPROTO_UDP)],
      [RTA_SPORT, port(question.udp.sourcePort)],
      [RTA_DPORT, port(question.udp.destinationPort)],
    )
  const size = attributes.reduce(
    (sum, [, value]) => sum + 4 + ((value.length + 3) & ~3),
    NLMSG_HEADER_LENGTH + RTMSG_LENGTH,
  )
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, size, true)
  view.setUint16(4, RTM_GETROUTE, true)
  view.setUint16(6, NLM_F_REQUEST, true)
  view.setUint8(16, question.family === 4 ? AF_INET : AF_INET6)
  view.setUint8(17, destination.length * 8)
  view.setUint8(18, attributes.some(([type]) => type === RTA_SRC) ? destination.length * 8 : 0)
  let at = NLMSG_HEADER_LENGTH + RTMSG_LENGTH
  for (const [type, value] of attributes) {
    view.setUint16(at, 4 + value.length, true)
    view.setUint16(at + 2, type, true)
    bytes.set(value, at + 4)
    at += 4 + ((value.length + 3) & ~3)
  }
  return bytes
}

const decodeAnswer = (message: NetlinkMessage, question: RouteQuestion): RouteAnswer | undefined => {
  const routeType = message.view.getUint8(message.start + 7)
  if (message.type !== RTM_NEWROUTE || (routeType !== RTN_UNICAST && routeType !== RTN_LOCAL))
    return undefined
  const attributes = message.start + RTMSG_LENGTH
  const source = netlinkAttribute(message, attributes, RTA_PREFSRC)
  const link = netlinkAttribute(message, attributes, RTA_OIF)
  return {
    // With a source in the question the kernel does not repeat it.
    source:
      source === undefined ? question.source : formatAddress(message.view, source.offset, question.family),
    interfaceIndex: link === undefined ? undefined : message.view.getUint32(link.offset, true),
  }
}

/**
 * How the kernel would route towards an address, by all its rules and tables: what `ip route get` asks. Answers at once,
 * needs no privilege. Undefined when there is no route, or it ends in `unreachable`. Throws TunTapError without netlink.
 */
export const routeTowards = (question: RouteQuestion): RouteAnswer | undefined => {
  const request = encodeQuestion(question)
  if (request === undefined) return undefined
  const fd = openNetlink(0)
  try {
    const memory = arena(16_384)
    memory.bytes.set(request)
    if (sys.send(fd, memory.address, request.length, 0) < 0) return undefined
    const length = sys.recv(fd, memory.address, memory.bytes.length, 0)
    for (const message of netlinkMessages(memory, Math.max(length, 0))) return decodeAnswer(message, question)
    return undefined
  } finally {
    sys.close(fd)
  }
}
