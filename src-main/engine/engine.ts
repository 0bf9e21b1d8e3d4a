/** The engine: makes connections out of profiles, given the world through its ports. */
import type { Profile } from '../../src-shared/profile.ts'
import { Connection } from './connection.ts'
import type { Credentials } from './credentials.ts'
import type { EnginePorts } from './engine-ports.ts'
import { rehearse } from './rehearsal.ts'

export interface Engine {
  /** Begins to connect at once. The credentials are loaded when the first dial needs them, and closed at the end. */
  connect(profile: Profile, loadCredentials: () => Promise<Credentials>): Connection
}

export const createEngine = (ports: EnginePorts): Engine => ({
  connect: (profile, loadCredentials) =>
    new Connection({ ports, profile, loadCredentials, warmUp: (one) => rehearse(ports, one) }),
})
