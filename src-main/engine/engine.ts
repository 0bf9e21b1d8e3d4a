/** The engine: makes connections out of profiles, given the world through its ports. */
import type { Profile } from '../../src-shared/profile.ts'
import type { Clock, Crypto, Datagrams, HostNetwork, Log, PacketCrypto, Random, Resolver } from '../ports.ts'
import type { Credentials } from './configuration.ts'
import { Connection } from './connection.ts'

export interface EnginePorts {
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly packetCrypto: PacketCrypto
  readonly datagrams: Datagrams
  readonly resolver: Resolver
  readonly hostNetwork: HostNetwork
  readonly log: Log
}

export interface Engine {
  /** Begins to connect at once; `credentials` are the connection's from then on. */
  connect(profile: Profile, credentials: Credentials): Connection
}

export const createEngine = (ports: EnginePorts): Engine => ({
  connect: (profile, credentials) => new Connection(ports, profile, credentials),
})
