/** Who may come in, by secret: read from their files at the start, kept as bytes, wiped at the end. */
import { VpnError } from '../../src-shared/errors.ts'
import type { Secret } from '../../src-shared/secret.ts'
import { ANY_IDENTITY, equalIdentities, parseIdentity } from '../ike/identity.ts'
import type { Identity } from '../ports.ts'
import type { GatewayProfile } from './gateway-profile.ts'

/** Gives the only line of a file. Throws VpnError 'secret-missing'. */
export type ReadSecret = (path: string) => Promise<Secret>

export interface Users {
  readonly psk: (identity: Identity) => Uint8Array | undefined
  readonly password: (username: string) => Uint8Array | undefined
  /** Of those who log in by XAUTH. */
  readonly xauthPassword: (username: string) => Uint8Array | undefined
  /** Wipes all. */
  close(): void
}

export async function readUsers(
  { clients, ikev1 }: Pick<GatewayProfile, 'clients' | 'ikev1'>,
  readSecret: ReadSecret,
): Promise<Users> {
  const passwords = new Map<string, Secret>()
  const xauthPasswords = new Map<string, Secret>()
  const shared: { readonly identity: Identity | undefined; readonly secret: Secret }[] = []
  const close = (): void => {
    for (const secret of passwords.values()) secret.wipe()
    for (const secret of xauthPasswords.values()) secret.wipe()
    for (const { secret } of shared) secret.wipe()
    passwords.clear()
    xauthPasswords.clear()
    shared.length = 0
  }
  try {
    for (const { identity: text, secretFile } of clients.psk) {
      const identity = parseIdentity(text)
      if (identity === undefined && text !== ANY_IDENTITY)
        throw new VpnError('profile-invalid', { where: 'clients.psk', problem: `not an identity: ${text}` })
      shared.push({ identity, secret: await readSecret(secretFile) })
    }
    await readPasswords(passwords, clients.eap?.users ?? [], 'clients.eap.users', readSecret)
    await readPasswords(xauthPasswords, ikev1.xauth?.users ?? [], 'ikev1.xauth.users', readSecret)
  } catch (error) {
    close()
    throw error
  }
  return {
    psk(identity) {
      const own = shared.find(
        (user) => user.identity !== undefined && equalIdentities(user.identity, identity),
      )
      return (own ?? shared.find((user) => user.identity === undefined))?.secret.reveal()
    },
    password: (username) => passwords.get(username)?.reveal(),
    xauthPassword: (username) => xauthPasswords.get(username)?.reveal(),
    close,
  }
}

async function readPasswords(
  into: Map<string, Secret>,
  users: readonly { readonly name: string; readonly passwordFile: string }[],
  where: string,
  readSecret: ReadSecret,
): Promise<void> {
  for (const { name, passwordFile } of users) {
    if (into.has(name)) throw new VpnError('profile-invalid', { where, problem: `twice: ${name}` })
    into.set(name, await readSecret(passwordFile))
  }
}
