/** IKEv2 behind the tunnel's session: its configuration from the profile. */
import type { Profile } from '../../src-shared/profile.ts'
import type { SessionOwner } from '../ike/v2/session-owner.ts'
import { Session } from '../ike/v2/session.ts'
import { initiatorConfiguration, sessionTimes } from './configuration.ts'
import type { IkeSession } from './ike-session.ts'

export function createIkeV2(owner: SessionOwner, profile: Profile): IkeSession {
  const session = new Session(owner, sessionTimes(profile))
  return {
    dial({ credentials, initialContact, local, remote, moveToNatPort }) {
      const ends = { localAddress: local.address, gatewayAddress: remote.address }
      const configuration = { ...initiatorConfiguration(profile, credentials, ends), initialContact }
      return session.initiate(configuration, { local, remote, moveToNatPort })
    },
    get sa() {
      return session.sa
    },
    get children() {
      return session.children
    },
    get ikeRekeyAt() {
      return session.ikeRekeyAt
    },
    childRekeyAt: (child) => session.childRekeyAt(child),
    childExpiresAt: (child) => session.childExpiresAt(child),
    owns: (header) => session.owns(header),
    receive: (datagram) => session.receive(datagram),
    firstInbound: (inboundSpi) => session.firstInbound(inboundSpi),
    rekeyChildOf: (spi) => session.rekeyChildOf(spi),
    deleteChildOf: (spi) => session.deleteChildOf(spi),
    rekeyIkeSa: () => session.rekeyIkeSa(),
    probe: () => session.probe(),
    resend: () => session.resend(),
    close: () => session.close(),
    abandon: () => session.abandon(),
  }
}
