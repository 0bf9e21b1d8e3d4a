/** All that the engine needs of the world. */
import type { OpenDataPlane } from '../ipsec/chosen-data-plane.ts'
import type {
  Clock,
  Crypto,
  Datagrams,
  HostNetwork,
  Log,
  OpenKeyFiles,
  PacketCrypto,
  Random,
  Resolver,
} from '../ports.ts'

export interface EnginePorts {
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly packetCrypto: PacketCrypto
  /** Absent: packets take the portable data plane. */
  readonly openFastDataPlane?: OpenDataPlane
  readonly datagrams: Datagrams
  readonly resolver: Resolver
  readonly hostNetwork: HostNetwork
  readonly log: Log
  /** Absent where keys are never to be written. */
  readonly openKeyFiles?: OpenKeyFiles
}
