/** What a profile with IKEv1's public-key encryption dials with: its key pair's private half, the gateway's public one. */
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Credentials } from '../engine/credentials.ts'
import type { LocalCredential } from '../ike/v2/initiator.ts'
import { loadDecryptionKey, loadEncryptionKey } from '../pki/encryption-keys.ts'
import type { ProfileSecrets } from './secrets.ts'

const invalid = (problem: string): VpnError =>
  new VpnError('profile-invalid', { where: 'ikev1.encryption', problem })

/** Undefined for all other profiles. Rejects with VpnError 'profile-invalid', 'secret-missing' or 'cancelled'. */
export async function loadEncryptionCredentials(
  { ikev1, local }: Profile,
  secrets: ProfileSecrets,
): Promise<Credentials | undefined> {
  const { encryption } = ikev1
  if (encryption === undefined) return undefined
  const bytes = await secrets.fetch('key')
  const own = loadDecryptionKey(bytes)
  bytes.fill(0)
  if (own === undefined) throw invalid('your key is no RSA key in PEM, unencrypted, of 2,048 bits at least')
  const gateway = loadEncryptionKey(encryption.gatewayKey)
  if (gateway === undefined) throw invalid('the gateway\u2019s key is no RSA key of 2,048 bits at least')
  return {
    local: logIn(local.authentication, secrets),
    localIdentity: undefined,
    remote: { method: 'psk', secret: nobody },
    encryption: { revised: encryption.method === 'revised', own, gateway },
    close: () => secrets.wipe(),
  }
}

/** There is no shared key here, and nobody asks for one. */
const nobody = (): Promise<Uint8Array> => Promise.reject(invalid('no shared key is used here'))

/** XAUTH, where the profile has a user. */
function logIn(authentication: Profile['local']['authentication'], secrets: ProfileSecrets): LocalCredential {
  if (authentication.method !== 'eap') return { method: 'psk', secret: nobody }
  return {
    method: 'eap',
    username: authentication.username,
    password: () => secrets.fetch('password'),
    allow: [],
    askForCode: (text) => secrets.fetch('one-time-code', text === '' ? undefined : text),
  }
}
