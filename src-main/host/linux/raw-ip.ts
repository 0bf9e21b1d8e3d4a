/** Raw IP sockets on Linux: ESP and AH without UDP around them. */
import { openRawIp, TunTapError } from 'tun-tap'
import { VpnError } from '../../../src-shared/errors.ts'
import type { RawPackets } from '../../ports.ts'

export interface RawPacketsOptions {
  /** Carried by what is sent, so that routing keeps it outside the tunnel (`TunnelConfiguration.outsideMark`). */
  readonly mark: number
  /** The only interface used; absent: what the machine's routes say. */
  readonly interfaceName?: string
}

export const createRawPackets = ({ mark, interfaceName }: RawPacketsOptions): RawPackets => ({
  open(family, protocols) {
    try {
      const socket = openRawIp({
        family,
        protocols,
        mark,
        ...(interfaceName === undefined ? {} : { interfaceName }),
      })
      return {
        family,
        send: (buffer, offset, length) => socket.send(buffer, offset, length),
        onPacket: (handler) => socket.onPacket(handler),
        close: () => socket.close(),
      }
    } catch (error) {
      throw rawFailure(error)
    }
  },
})

function rawFailure(error: unknown): unknown {
  if (!(error instanceof TunTapError)) return error
  if (error.code === 'EPERM' || error.code === 'EACCES')
    return new VpnError('no-privilege', { step: 'send and receive ESP and AH without UDP' }, error)
  return new VpnError('host-step-failed', { step: 'open a raw IP socket', reason: error.message }, error)
}
