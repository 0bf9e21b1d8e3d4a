/** The engine: makes connections out of profiles, given the world through its ports. */
import type { Profile } from '../../src-shared/profile.ts'
import type { Signal } from '../ports.ts'
import { Connection } from './connection.ts'
import type { Credentials } from './credentials.ts'
import type { EnginePorts } from './engine-ports.ts'
import { rehearse } from './rehearsal.ts'

export interface Engine {
  /** Begins to connect at once. The credentials are loaded when the first dial needs them, and closed at the end. */
  connect(profile: Profile, loadCredentials: () => Promise<Credentials>): Connection
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
  return {
    connect: (profile, loadCredentials) => new Connection({ ports, profile, loadCredentials, warmUp }),
  }
}
