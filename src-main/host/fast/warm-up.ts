/** Workers that have just begun go through what the first SA needs, so that nothing of it is new then. */
import { espSpi, pathId, saId } from '../../../src-shared/brands.ts'
import { selectorOfEverything } from '../../ip/traffic-selector.ts'
import type { WorkerLink } from './worker-link.ts'

const TIMES = 3
const nowhere = { address: '0.0.0.0', port: 0 }
/** Of AES-GCM-256, the salt behind it. */
const KEY_LENGTH = 36
const rehearsed = {
  spi: espSpi(0x100),
  suite: { encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: false },
  selectors: { local: [selectorOfEverything(4)], remote: [selectorOfEverything(4)] },
  lifetime: {},
  replayWindow: 64,
} as const

/** Installs an SA and removes it again; it lies on no socket and carries nothing. `freshId` gives an id that nothing has. */
export function warmUp(outbound: WorkerLink, inbound: WorkerLink, freshId: () => number): void {
  const links = [outbound, inbound]
  const socket = { id: freshId(), descriptor: -1, family: 4, localPort: 0 } as const
  const path = { id: pathId(freshId()), socket, endpoint: nowhere, mtu: 1500, followPeer: false }
  const id = saId(freshId())
  const keys = { encryptionKey: new Uint8Array(KEY_LENGTH) }
  const parameters = { ...rehearsed, path: path.id }
  const sa = { id, slot: 0, keyLengths: [KEY_LENGTH, 0], parameters } as const
  for (let time = 0; time < TIMES; time += 1) {
    for (const link of links) link.post({ kind: 'set-path', path })
    inbound.post({ kind: 'install-inbound', sa }, keys)
    outbound.post({ kind: 'install-outbound', sa }, keys)
    for (const link of links) {
      link.post({ kind: 'remove', id })
      link.post({ kind: 'remove-path', id: path.id })
      link.post({ kind: 'unlisten', socket: socket.id })
    }
    for (const link of links) link.settle()
  }
}
