/** What proves who is on each end, as the engine holds it while a connection lives. */
import type { LocalCredential, RemoteCredential } from '../ike/v2/initiator.ts'
import type { Identity, Signal } from '../ports.ts'
import { unlessCancelled } from './wait.ts'

/** What the app has made of the profile's authentication: keys loaded, authorities read, secrets to be asked for. */
export interface Credentials {
  readonly local: LocalCredential
  /** What the certificate or the user name says we are, where the profile does not. */
  readonly localIdentity: Identity | undefined
  readonly remote: RemoteCredential
  /** Wipes what was held; the connection will not dial again. */
  readonly close: () => void
}

/** The same, whose questions to the person end with VpnError 'cancelled' when the signal fires. What is answered later is wiped. */
export function cancellable(credentials: Credentials, signal: Signal): Credentials {
  const ask = (question: () => Promise<Uint8Array>) => (): Promise<Uint8Array> =>
    unlessCancelled(question(), signal, (secret) => secret.fill(0))
  const { local, remote } = credentials
  return {
    ...credentials,
    local: cancellableLocal(local, ask),
    remote: remote.method === 'psk' ? { ...remote, secret: ask(remote.secret) } : remote,
  }
}

function cancellableLocal(
  local: LocalCredential,
  ask: (question: () => Promise<Uint8Array>) => () => Promise<Uint8Array>,
): LocalCredential {
  switch (local.method) {
    case 'psk':
      return { ...local, secret: ask(local.secret) }
    case 'eap':
      return { ...local, password: ask(local.password) }
    case 'signature':
      return local
  }
}
