/** What proves who is on each end, as the engine holds it while a connection lives. */
import type {
  EapCredential,
  InitiatorConfiguration,
  LocalCredential,
  RemoteCredential,
} from '../ike/v2/initiator.ts'
import type { DecryptionKey, EncryptionKey, Identity, Signal } from '../ports.ts'
import { unlessCancelled } from './wait.ts'

/** What the app has made of the profile's authentication: keys loaded, authorities read, secrets to be asked for. */
export interface Credentials {
  readonly local: LocalCredential
  /** What the certificate or the user name says we are, where the profile does not. */
  readonly localIdentity: Identity | undefined
  readonly remote: RemoteCredential
  /** The second round of a profile that has one. */
  readonly then?: InitiatorConfiguration['then']
  /** IKEv1's authentication by public-key encryption, in place of what `local` and `remote` say. */
  readonly encryption?: {
    readonly revised: boolean
    readonly own: DecryptionKey
    readonly gateway: EncryptionKey
  }
  /** Wipes what was held; the connection will not dial again. */
  readonly close: () => void
}

/** The same, whose questions to the person end with VpnError 'cancelled' when the signal fires. What is answered later is wiped. */
export function cancellable(credentials: Credentials, signal: Signal): Credentials {
  const ask: Askable =
    (question) =>
    (...what) =>
      unlessCancelled(question(...what), signal, (secret) => secret.fill(0))
  const { local, remote, then } = credentials
  return {
    ...credentials,
    local: cancellableLocal(local, ask),
    ...(then === undefined ? {} : { then: { ...then, credential: cancellableEap(then.credential, ask) } }),
    remote: remote.method === 'psk' ? { ...remote, secret: ask(remote.secret) } : remote,
  }
}

type Askable = <What extends readonly string[]>(
  question: (...what: What) => Promise<Uint8Array>,
) => (...what: What) => Promise<Uint8Array>

function cancellableLocal(local: LocalCredential, ask: Askable): LocalCredential {
  switch (local.method) {
    case 'psk':
      return { ...local, secret: ask(local.secret) }
    case 'eap':
      return cancellableEap(local, ask)
    case 'signature':
      return local
  }
}

const cancellableEap = (local: EapCredential, ask: Askable): EapCredential => ({
  ...local,
  password: ask(local.password),
  ...(local.askForCode === undefined ? {} : { askForCode: ask(local.askForCode) }),
})
