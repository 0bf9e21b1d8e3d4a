/** The fast data plane keeps the contract, whichever ciphers it has. */
import { afterAll, beforeAll, describe } from 'vitest'
import { dataPlaneContract } from '../../contracts/data-plane.contract.ts'
import { closeWarmPlanes } from './warm-planes.ts'
import { bundleWorker } from './bundled-worker.ts'
import type { Bundled } from './bundled-worker.ts'
import { openFastPair } from './fast-pair.ts'

describe('over sockets of the loopback interface', () => {
  let worker: Bundled | undefined
  beforeAll(async () => {
    worker = await bundleWorker()
  })
  afterAll(() => {
    closeWarmPlanes()
    worker?.remove()
  })
  const workerPath = (): string => worker?.path ?? ''

  for (const family of [4, 6] as const) {
    dataPlaneContract(`The fast data plane over IPv${family}`, () =>
      openFastPair({ workerPath: workerPath(), providers: ['ipsec-mb', 'libcrypto', 'node'], family }),
    )
  }
})
