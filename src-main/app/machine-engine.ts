/** The engine over this very machine: its clock, sockets, resolver, crypto, and the privileged helper. */
import { createEngine } from '../engine/engine.ts'
import { createAnswerCache } from '../host/answer-cache.ts'
import { createClock } from '../host/clock.ts'
import { createCrypto } from '../host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../host/crypto/packet-crypto.ts'
import { createRandom } from '../host/crypto/random.ts'
import { createFetch } from '../host/fetch.ts'
import { createHostNetwork } from '../host/helper-client.ts'
import { openKeyFiles } from '../host/key-files.ts'
import { createResolver } from '../host/resolver.ts'
import { createDatagrams } from '../host/udp.ts'
import { createRevocation } from '../pki/revocation.ts'
import type { Log } from '../ports.ts'
import type { EngineLike } from './app.ts'
import { certificatesDirectory, readKeptChain } from './certificate-store.ts'
import { cacheDirectory, directoriesFrom } from './directories.ts'
import { linkEngine } from './engine-link.ts'
import { fastDataPlaneOf } from './fast-data-plane.ts'

/** `helperPath` is the bundled helper's file; the data plane's worker lies beside it. */
export function createMachineEngine({
  helperPath,
  log,
}: {
  readonly helperPath: string
  readonly log: Log
}): EngineLike {
  const hostNetwork = createHostNetwork({ helperPath, log })
  const clock = createClock()
  const random = createRandom()
  const checkRevocation = createRevocation({
    fetch: createFetch(),
    cache: createAnswerCache(cacheDirectory(process.env), log),
    clock,
    random,
    log,
  })
  const engine = createEngine({
    clock,
    random,
    crypto: createCrypto(),
    packetCrypto: createPacketCrypto(),
    openFastDataPlane: fastDataPlaneOf({ helperPath, clock, log }),
    datagrams: createDatagrams(),
    resolver: createResolver(),
    hostNetwork,
    log,
    openKeyFiles,
  })
  const certificates = certificatesDirectory(directoriesFrom(process.env))
  return linkEngine(
    engine,
    () => hostNetwork.close(),
    checkRevocation,
    (id) => readKeptChain(certificates, id),
  )
}
