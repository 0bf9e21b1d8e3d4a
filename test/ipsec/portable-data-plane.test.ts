import { dataPlaneContract } from '../contracts/data-plane.contract.ts'
import { createFakePacketCrypto } from '../fakes/fake-packet-crypto.ts'
import { openPortablePair } from './portable-pair.ts'

for (const family of [4, 6] as const) {
  dataPlaneContract(`The portable data plane over IPv${family}`, () =>
    Promise.resolve(openPortablePair(createFakePacketCrypto(), family)),
  )
}
