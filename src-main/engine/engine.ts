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
  /** Begins to connect at once. The credentials are loaded when the first dial needs them, and closed at the end. */
  connect(profile: Profile, loadCredentials: () => Promise<Credentials>): Connection
}

export const createEngine = (ports: EnginePorts): Engine => ({
  connect: (profile, loadCredentials) => new Connection(ports, profile, loadCredentials),
})
