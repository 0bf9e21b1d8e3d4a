/** What every data plane sends beside packets, and how much a packet of it holds. */
import type { PathId } from '../../src-shared/brands.ts'
import type { DatagramSocket } from '../ports.ts'
import type { DataPlane, IkeFraming, Path } from './data-plane.ts'
import { isMarked, natKeepalive, withMarker } from './encapsulation.ts'
import { innerMtu } from './overhead.ts'

/** Over the plane's own paths and sockets, which it goes on changing. */
export const createSending = (
  paths: ReadonlyMap<PathId, Path>,
  framings: ReadonlyMap<DatagramSocket, IkeFraming>,
): Pick<DataPlane, 'innerMtu' | 'sendIke' | 'sendKeepalive'> => ({
  innerMtu(id, suite) {
    const path = paths.get(id)
    return path === undefined ? 0 : innerMtu(path.mtu, path.socket.family, suite)
  },
  sendIke(socket, to, message) {
    const framing = framings.get(socket)
    if (framing === undefined) return 'failed'
    const datagram = isMarked(framing, to) ? withMarker(message) : message
    return socket.send(to, datagram, 0, datagram.length)
  },
  sendKeepalive(id) {
    const path = paths.get(id)
    return path === undefined ? 'failed' : path.socket.send(path.endpoint, natKeepalive(), 0, 1)
  },
})
