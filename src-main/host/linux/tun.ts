import { openTun, TunTapError } from 'tun-tap'
import { VpnError } from '../../../src-shared/errors.ts'
import { PACKET_HEADROOM, PACKET_TAILROOM, type Log } from '../../ports.ts'
import type { DescribedTun } from '../fast/descriptors.ts'

/** `open` fails for want of a usable /dev/net/tun, TUNSETIFF for want of the right to this device. */
export const tunFailure = (error: unknown): unknown => {
  if (!(error instanceof TunTapError)) return error
  const details = { reason: error.message }
  if (error.operation === 'open') return new VpnError('no-tun', details, error)
  if (error.code === 'EPERM') return new VpnError('no-privilege', details, error)
  return new VpnError('host-step-failed', { step: 'open the TUN adapter', ...details }, error)
}

/** Opens the adapter that the helper made for this user. Throws VpnError('no-tun' | 'no-privilege' | 'host-step-failed'). */
export const openHostTun = (name: string, log: Log): DescribedTun => {
  try {
    const device = openTun({ name, headroom: PACKET_HEADROOM, tailroom: PACKET_TAILROOM, offload: true })
    device.onError((error) => log('error', 'tun', 'the adapter is gone', { reason: error.message }))
    return {
      name: device.name,
      // For the fast data plane, which reads and writes it in batches.
      descriptor: device.descriptor,
      setOffloads: (wanted) => device.setOffloads(wanted),
      onPacket: (handler) => device.onPacket(handler),
      write: (buffer, offset, length) => device.write(buffer, offset, length) === 'written',
      close: () => device.close(),
    }
  } catch (error) {
    throw tunFailure(error)
  }
}
