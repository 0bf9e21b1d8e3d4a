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
  /** Wipes all. */
  close(): void
}

export async function readUsers(clients: GatewayProfile['clients'], readSecret: ReadSecret): Promise<Users> {
  const passwords = new Map<string, Secret>()
  const shared: { readonly identity: Identity | undefined; readonly secret: Secret }[] = []
  const close = (): void => {
    for (const secret of passwords.values()) secret.wipe()
    for (const { secret } of shared) secret.wipe()
    passwords.clear()
    shared.length = 0
  }
  try {
    for (const { identity: text, secretFile } of clients.psk) {
      const identity = parseIdentity(text)
      if (identity === undefined && text !== ANY_IDENTITY)
        throw new VpnError('profile-invalid', { where: 'clients.psk', problem: `not an identity: ${text}` })
      shared.push({ identity, secret: await readSecret(secretFile) })
    }
    for (const { name, passwordFile } of clients.eap?.users ?? []) {
      if (passwords.has(name))
        throw new VpnError('profile-invalid', { where: 'clients.eap.users', problem: `twice: ${name}` })
      passwords.set(name, await readSecret(passwordFile))
    }
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
    close,
  }
}
