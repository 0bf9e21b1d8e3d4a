/** IKEv2 behind the tunnel's session: its configuration from the profile. */
import type { Profile } from '../../src-shared/profile.ts'
import type { SessionOwner } from '../ike/v2/session.ts'
import { Session } from '../ike/v2/session.ts'
import { initiatorConfiguration, sessionTimes } from './configuration.ts'
import type { IkeSession } from './ike-session.ts'

export function createIkeV2(owner: SessionOwner, profile: Profile): IkeSession {
  const session = new Session(owner, sessionTimes(profile))
  return Object.assign(session, {
    dial: ({
      credentials,
      initialContact,
      local,
      remote,
      moveToNatPort,
    }: Parameters<IkeSession['dial']>[0]) => {
      const ends = { localAddress: local.address, gatewayAddress: remote.address }
      return session.initiate(
        { ...initiatorConfiguration(profile, credentials, ends), initialContact },
        { local, remote, moveToNatPort },
      )
    },
  })
}
