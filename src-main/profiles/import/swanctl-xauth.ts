/** IKEv1 in swanctl.conf: a round of XAUTH beside the first one is the profile's user name and password. */
import type { LocalAuthentication } from '../../../src-shared/profile.ts'
import type { ConnectionReading } from './swanctl-reading.ts'
import type { SectionReader } from './swanctl-section.ts'
import { entryFor } from './swanctl-secrets.ts'

export const isVersion1 = (connection: SectionReader): boolean => connection.text('version') === '1'

const isXauth = ([, section]: readonly [string, SectionReader]): boolean =>
  section.text('auth')?.startsWith('xauth') === true

/** The rounds of our side: that of the machine or the group, and that of the user. */
export function version1Rounds(connection: SectionReader): {
  readonly first: SectionReader | undefined
  readonly user: SectionReader | undefined
} {
  const rounds = connection.sections('local').filter(([name]) => !/^local_/.test(name))
  const user = rounds.find(isXauth)?.[1]
  const first = rounds.find((round) => !isXauth(round))?.[1]
  return { first, user }
}

/** The user's authentication by XAUTH; undefined, and told, where there is no user or a certificate comes first. */
export function readXauth(
  { connection, input, secretEntries, problems }: ConnectionReading,
  keep: (bytes: Uint8Array | undefined) => Extract<LocalAuthentication, { method: 'eap' }>['password'],
): LocalAuthentication | undefined {
  const { first, user } = version1Rounds(connection)
  if (user === undefined) return undefined
  const auth = first?.text('auth') ?? (first === undefined ? 'none' : 'pubkey')
  if (auth !== 'psk' && auth !== 'none') {
    problems.add(
      'error',
      first?.where('auth') ?? connection.where(),
      'A certificate and a password one after the other (XAUTH) are not supported',
      'Ask the administrator for a connection with one of them.',
    )
    return undefined
  }
  const username = user.text('xauth_id') ?? user.text('id') ?? input.username
  if (username === undefined || username === '%any') {
    problems.add(
      'error',
      user.where('xauth_id'),
      'The connection names no user',
      'Import it with your name: --username NAME.',
    )
    return undefined
  }
  const password = keep(entryFor(secretEntries, 'eap', [username])?.bytes())
  return { method: 'eap', username, password, allow: ['mschapv2', 'gtc'] }
}
