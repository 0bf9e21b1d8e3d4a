/** What sending a datagram comes to (errno values of Linux; send(2), udp(7)). */

const EINTR = 4
const EAGAIN = 11
const EMSGSIZE = 90
const EADDRNOTAVAIL = 99
const ENETDOWN = 100
const ENETUNREACH = 101
const ENOBUFS = 105
const ECONNREFUSED = 111
const EHOSTDOWN = 112
const EHOSTUNREACH = 113

export type UdpSendOutcome = 'sent' | 'would-block' | 'too-big' | 'unreachable' | 'failed'

const unreachable = [ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, ECONNREFUSED, EADDRNOTAVAIL]

export const outcomeOf = (code: number): Exclude<UdpSendOutcome, 'sent'> => {
  if (code === EAGAIN || code === ENOBUFS || code === EINTR) return 'would-block'
  if (code === EMSGSIZE) return 'too-big'
  return unreachable.includes(code) ? 'unreachable' : 'failed'
}
