/** The way to a gateway, examined from this very machine. */
import type { PathReport } from '../../src-shared/network-report.ts'
import { createClock } from '../host/clock.ts'
import { createCrypto } from '../host/crypto/node-crypto.ts'
import { createRandom } from '../host/crypto/random.ts'
import { createResolver } from '../host/resolver.ts'
import { createDatagrams } from '../host/udp.ts'
import { examinePath } from './gateway-path.ts'

export const examinePathFromHere = (gateway: string, signal: AbortSignal): Promise<PathReport> =>
  examinePath(
    {
      clock: createClock(),
      crypto: createCrypto(),
      random: createRandom(),
      datagrams: createDatagrams(),
      resolver: createResolver(),
    },
    gateway,
    signal,
  )
