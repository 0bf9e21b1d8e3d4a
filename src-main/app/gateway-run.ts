/** Runs the embedded gateway over this very machine: its file, the files it names, and everything it needs of the world. */
import { dirname, resolve } from 'node:path'
import * as v from 'valibot'
import { VpnError } from '../../src-shared/errors.ts'
import { Gateway } from '../gateway/gateway.ts'
import type { GatewayEvent } from '../gateway/gateway-event.ts'
import { GatewayProfile } from '../gateway/gateway-profile.ts'
import type { GatewayCredentials } from '../gateway/settings.ts'
import { readUsers } from '../gateway/users.ts'
import { createClock } from '../host/clock.ts'
import { createCrypto } from '../host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../host/crypto/packet-crypto.ts'
import { createVerifyingKey } from '../host/crypto/signatures.ts'
import { createRandom } from '../host/crypto/random.ts'
import { createHostNetwork } from '../host/helper-client.ts'
import { createDatagrams } from '../host/udp.ts'
import { createSignatureAuth, signatureHashAlgorithms, verifySignatureAuth } from '../ike/auth/signature.ts'
import { parseIdentity } from '../ike/identity.ts'
import type { GatewayCredential } from '../ike/v2/responder.ts'
import { parseCertificate, readCertificates } from '../pki/certificate.ts'
import { isPairOf, loadDecryptionKey, loadEncryptionKey } from '../pki/encryption-keys.ts'
import { loadSigningKey } from '../pki/keys.ts'
import { createTrust } from '../pki/trust.ts'
import type { Log, SigningKey } from '../ports.ts'
import { decodeText, parseJson, PROFILE_SIZE_LIMIT } from '../profiles/parse.ts'
import { readLimited } from '../profiles/store.ts'
import { latin1Text, utf8Bytes } from '../wire/text.ts'
import { fastDataPlaneOf } from './fast-data-plane.ts'
import { readSecretFile } from './secrets.ts'

export interface GatewayRun {
  /** The JSON file; paths in it are taken from its folder. */
  readonly configFile: string
  /** The bundled helper's file. */
  readonly helperPath: string
  readonly log: Log
  /** Ends it in an orderly way: clients are told, the machine is put back. */
  readonly stop: AbortSignal
  readonly onEvent: (event: GatewayEvent) => void
  /** Once it listens: for those who want to look at its clients. */
  readonly onStarted?: (gateway: Gateway) => void
}

/** Runs until stopped. Rejects with VpnError ('profile-invalid', 'secret-missing', 'port-busy', 'no-privilege', 'no-tun', 'host-step-failed'). */
export async function runGateway(run: GatewayRun): Promise<void> {
  const { log, stop, helperPath } = run
  const profile = await readGatewayProfile(run.configFile)
  const credentials = await loadGatewayCredentials(profile, dirname(resolve(run.configFile)), log)
  const hostNetwork = createHostNetwork({ helperPath, log })
  const clock = createClock()
  const ports = {
    clock,
    random: createRandom(),
    crypto: createCrypto(),
    packetCrypto: createPacketCrypto(),
    openFastDataPlane: fastDataPlaneOf({ helperPath, clock, log }),
    datagrams: createDatagrams(),
    hostNetwork,
    log,
  }
  try {
    const gateway = new Gateway(ports, profile, credentials, run.onEvent)
    try {
      await gateway.start()
      run.onStarted?.(gateway)
      await aborted(stop)
    } finally {
      await gateway.stop()
    }
  } finally {
    credentials.users.close()
    await hostNetwork.close()
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })

/** Reads and checks the file. Throws VpnError 'profile-invalid' or 'profile-not-found'. */
export async function readGatewayProfile(file: string): Promise<GatewayProfile> {
  const bytes = await readLimited(file, PROFILE_SIZE_LIMIT)
  if (!bytes.ok) throw new VpnError('profile-not-found', { file, problem: bytes.error })
  const text = decodeText(bytes.value)
  const json = text === undefined ? undefined : parseJson(text)
  if (json?.ok !== true)
    throw new VpnError('profile-invalid', { where: file, problem: json?.error ?? 'it is not UTF-8 text' })
  const parsed = v.safeParse(GatewayProfile, json.value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new VpnError('profile-invalid', {
    where: v.getDotPath(issue) ?? file,
    // The message alone: what stood there is not repeated, it may be a secret in the wrong place.
    problem: issue.kind === 'schema' ? `must be ${issue.expected}` : issue.message,
  })
}

/** Reads what the profile names: keys, certificates, secrets. Throws VpnError 'profile-invalid' or 'secret-missing'. */
export async function loadGatewayCredentials(
  profile: GatewayProfile,
  folder: string,
  log: Log,
): Promise<GatewayCredentials> {
  const at = (path: string): string => resolve(folder, path)
  const authorities = profile.clients.certificate?.authorityFiles
  const trust =
    authorities === undefined
      ? undefined
      : await createTrust({
          authorities: await Promise.all(
            authorities.map((path) => readPublic(at(path), 'clients.certificate.authorityFiles')),
          ),
        })
  const own = await ownCredential(profile, at, log)
  const encryption = await encryptionCredential(profile, own, at, log)
  const users = await readUsers(profile, (path) => readSecretFile(at(path), 'password', log))
  return { own, users, trust, ...(encryption === undefined ? {} : { encryption }) }
}

async function ownCredential(
  { authentication }: GatewayProfile,
  at: (path: string) => string,
  log: Log,
): Promise<GatewayCredential> {
  switch (authentication.method) {
    case 'psk':
      return { method: 'psk' }
    case 'certificate': {
      const where = 'authentication'
      const certificates = readCertificates(await readPublic(at(authentication.certificateFile), where))
      if (!certificates.ok) throw new VpnError('profile-invalid', { where, problem: certificates.error })
      const secret = await readSecretFile(at(authentication.keyFile), 'key', log)
      const key = loadSigningKey(secret.reveal())
      secret.wipe()
      if (!key.ok)
        throw new VpnError('profile-invalid', {
          where,
          problem: `the private key cannot be used: ${key.error.replaceAll('-', ' ')}`,
        })
      if (!belongTogether(key.value, certificates.value[0]))
        throw new VpnError('profile-invalid', {
          where,
          problem: 'the private key is not that of the certificate',
        })
      return { method: 'signature', key: key.value, certificates: certificates.value }
    }
  }
}

/** The pair that IKEv1's public-key encryption takes: of its own, never the one that signs. */
async function encryptionCredential(
  { ikev1 }: GatewayProfile,
  own: GatewayCredential,
  at: (path: string) => string,
  log: Log,
): Promise<GatewayCredentials['encryption']> {
  if (ikev1.encryption === undefined) return undefined
  const where = 'ikev1.encryption'
  const secret = await readSecretFile(at(ikev1.encryption.keyFile), 'key', log)
  const [certificate] = own.method === 'signature' ? own.certificates : []
  const parsed = certificate === undefined ? undefined : parseCertificate(certificate)
  const isOurs = parsed?.ok === true && isPairOf(secret.reveal(), parsed.value.spki)
  const key = loadDecryptionKey(secret.reveal())
  secret.wipe()
  if (isOurs) throw new VpnError('profile-invalid', { where, problem: 'this key signs; take another pair' })
  if (key === undefined)
    throw new VpnError('profile-invalid', {
      where,
      problem: 'the key is no RSA key in PEM of 2,048 bits at least',
    })
  const clients = []
  for (const { identity: text, publicKeyFile } of ikev1.encryption.clients) {
    const identity = parseIdentity(text)
    const publicKey = loadEncryptionKey(latin1Text(await readPublic(at(publicKeyFile), where)))
    if (identity === undefined || publicKey === undefined)
      throw new VpnError('profile-invalid', { where, problem: `identity or public key of ${text}` })
    clients.push({ identity, key: publicKey })
  }
  return { own: key, clients }
}

/** Signs as in IKE_AUTH, and checks as a client would. */
function belongTogether(key: SigningKey, certificate: Uint8Array | undefined): boolean {
  const parsed = certificate === undefined ? undefined : parseCertificate(certificate)
  const publicKey = parsed?.ok === true ? createVerifyingKey(parsed.value.spki) : undefined
  const octets = utf8Bytes('anything')
  const signed = createSignatureAuth(key, new Set(signatureHashAlgorithms), octets)
  return (
    publicKey !== undefined &&
    signed.ok &&
    verifySignatureAuth(signed.value.method, signed.value.data, publicKey, octets)
  )
}

async function readPublic(path: string, where: string): Promise<Uint8Array> {
  const bytes = await readLimited(path, PROFILE_SIZE_LIMIT)
  if (!bytes.ok) throw new VpnError('profile-invalid', { where, problem: `${path}: ${bytes.error}` })
  return bytes.value
}
