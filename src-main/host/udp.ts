import { openUdp, TunTapError, type UdpSocket } from 'tun-tap'
import { VpnError } from '../../src-shared/errors.ts'
import type { Datagrams } from '../ports.ts'

const failureOf = (error: unknown, port: number): unknown => {
  if (!(error instanceof TunTapError)) return error
  const details = { port: String(port), reason: error.message }
  if (error.code === 'EADDRINUSE') return new VpnError('port-busy', details, error)
  if (error.code === 'EACCES' || error.code === 'EPERM') return new VpnError('no-privilege', details, error)
  return new VpnError('host-step-failed', { step: 'open a UDP socket', ...details }, error)
}

/**
 * UDP sockets of this machine. Outer IPv4 packets carry no DF: a path with a small MTU fragments them instead of dropping
 * them (RFC 4301 section 8.1 leaves the choice: "DF bit: set, clear or copy"; clear loses nothing).
 */
export const createDatagrams = (): Datagrams => ({
  open(family, port, address): UdpSocket {
    try {
      return openUdp({ family, port, ...(address === undefined ? {} : { address }) })
    } catch (error) {
      throw failureOf(error, port)
    }
  },
})
