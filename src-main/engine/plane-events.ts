/** What the data plane tells, passed on to the sessions that it concerns. */
import type { IkeSession } from './ike-session.ts'
import type { DataPlaneEvent } from '../ipsec/data-plane.ts'
import type { Log } from '../ports.ts'

export function passOn(event: DataPlaneEvent, sessions: readonly IkeSession[], log: Log): void {
  switch (event.kind) {
    case 'first-inbound':
      for (const session of sessions) session.firstInbound(event.spi)
      return
    case 'soft-expired':
    case 'hard-expired':
      for (const session of sessions) session.rekeyChildOf(event.spi)
      return
    case 'peer-moved': {
      const { address, port } = event.to
      log('info', 'engine', 'the gateway answers from another address', { address, port })
      return
    }
    case 'path-too-narrow':
      log('warn', 'engine', 'the path is narrower than the datagram', { length: event.length })
      return
  }
}
