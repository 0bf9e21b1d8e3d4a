/** The engine: makes connections out of profiles, given the world through its ports. */
import type { Profile } from '../../src-shared/profile.ts'
import type { Signal } from '../ports.ts'
import { Connection } from './connection.ts'
import type { Credentials } from './credentials.ts'
import type { EnginePorts } from './engine-ports.ts'
import type { ExchangeLog } from './exchange-log.ts'
import { rehearse } from './rehearsal.ts'
import { createEngineServices } from './services.ts'

export interface Engine {
  /** Begins to connect at once. The credentials are loaded when the first dial needs them, and closed at the end. */
  connect(profile: Profile, loadCredentials: () => Promise<Credentials>): Connection
  /** The IKE messages of all connections, without secrets. */
  readonly exchanges: ExchangeLog
  /** Writes the keys of SAs made from now on into this directory, in Wireshark's tables; undefined: no longer. */
  setKeyExport(directory: string | undefined): void
  /** Also for the connections that are there. Rejects with HostError or VpnError when the firewall cannot be changed. */
  setKillSwitch(on: boolean): Promise<void>
  /** Lets out what the kill switch holds, until the next connection; also what an earlier run left. Rejects as `setKillSwitch`. */
  releaseKillSwitch(): Promise<void>
  /** This machine has slept: each connection finds out at once whether it still stands. */
  wake(): void
}

export function createEngine(ports: EnginePorts): Engine {
  /** Proposals that have been rehearsed in this process. */
  const known = new Set<string>()
  const warmUp = async (profile: Profile, enough: Signal): Promise<void> => {
    const proposals = JSON.stringify(profile.proposals)
    if (known.has(proposals)) return
    await rehearse(ports, profile, enough)
    known.add(proposals)
  }
  const services = createEngineServices(ports)
  const { exchanges, keyExport, killSwitch } = services
  const connections = new Set<Connection>()
  const connectionPorts = { ...ports, resolver: killSwitch.resolver(ports.resolver) }
  return {
    connect(profile, loadCredentials) {
      const connection = new Connection({
        ports: connectionPorts,
        profile,
        loadCredentials,
        warmUp,
        services,
      })
      connections.add(connection)
      void connection.finished.then(() => connections.delete(connection))
      return connection
    },
    exchanges,
    setKeyExport: (directory) => keyExport.set(directory),
    setKillSwitch: (on) => killSwitch.set(on),
    releaseKillSwitch: () => killSwitch.release(),
    wake() {
      for (const connection of connections) connection.wake()
    },
  }
}
