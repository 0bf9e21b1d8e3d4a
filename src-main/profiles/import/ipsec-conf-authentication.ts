/** How the two ends of an ipsec.conf connection prove themselves, and with which IKE. */
import type { Description, EapName, IkeVersion, LocalProof } from './description.ts'
import { readAuthority, readUserCertificate } from './ipsec-conf-certificates.ts'
import type { ConnReading, Ends } from './ipsec-conf-reading.ts'
import { secretFor } from './ipsec-secrets.ts'

const eapMethods: Readonly<Record<string, readonly EapName[]>> = {
  eap: ['mschapv2', 'gtc'],
  'eap-dynamic': ['mschapv2', 'gtc'],
  'eap-mschapv2': ['mschapv2'],
  'eap-gtc': ['gtc'],
  'eap-md5': ['md5'],
  'eap-tls': ['tls'],
  'eap-ttls': ['ttls'],
  'eap-peap': ['peap'],
}

/** strongSwan marks a key ID by `@#` and a name by `@`; profiles write `keyid:` and the name. `%fromcert` is the default. */
const identityOf = (text: string | undefined): string | undefined =>
  text === undefined || text.startsWith('%')
    ? undefined
    : text.replace(/^@#/, 'keyid:').replace(/^@(?=[^@])/, '')

/** The user's proof in one word: psk, pubkey, eap…, xauth…. */
function wayOf({ conn }: ConnReading, end: 'left' | 'right'): string {
  const named = conn.text(`${end}auth`)?.toLowerCase()
  const both = (conn.text('authby') ?? conn.text('auth'))?.toLowerCase()
  const way = named ?? both ?? 'pubkey'
  if (way === 'eaponly') return 'eap'
  if (way === 'xauthpsk' || way.startsWith('secret')) return 'psk'
  return way === 'xauthrsasig' ? 'pubkey' : way
}

const isPublicKey = (way: string): boolean => /^(?:ike:)?(?:pubkey|rsa|ecdsa|ed25519|rsasig|any)/.test(way)

/** Whether the user's own password is asked for after the first proof, with IKEv1. */
function usesXauth({ conn }: ConnReading, { ours }: Ends): boolean {
  const second = conn.text(`${ours}auth2`)
  const client = conn.flag(`${ours}xauthclient`) === true || conn.text('xauth')?.toLowerCase() === 'client'
  return client || second?.startsWith('xauth') === true || /^xauth/.test(conn.text('authby') ?? '')
}

export function connVersion(reading: ConnReading, ends: Ends): IkeVersion {
  const { conn, secrets } = reading
  const exchange = conn.text('keyexchange')?.toLowerCase()
  const libreswan = conn.text('ikev2')?.toLowerCase()
  const is1 = exchange === 'ikev1' || (libreswan !== undefined && ['no', 'never'].includes(libreswan))
  const aggressive = conn.flag('aggressive') ?? conn.flag('aggrmode')
  const username =
    conn.text('xauth_identity') ?? conn.text(`${ends.ours}xauthusername`) ?? conn.text(`${ends.ours}username`)
  if (!is1) return { version: 2 }
  const password = secretFor(secrets, ['xauth', 'eap'], [username, conn.text(`${ends.ours}id`)])?.bytes()
  return {
    version: 1,
    exchange: aggressive === true ? 'aggressive' : 'main',
    modeConfig: conn.text('modeconfig') === 'push' ? 'push' : 'pull',
    ...(usesXauth(reading, ends) ? { xauth: { username, password } } : {}),
  }
}

export function connLocal(reading: ConnReading, ends: Ends): Description['local'] | undefined {
  const { conn, problems } = reading
  const { ours } = ends
  const where = conn.where(`${ours}auth`)
  const way = wayOf(reading, ours)
  const second = conn.text(`${ours}auth2`)
  const is1 = connVersion(reading, ends).version === 1
  const then =
    second === undefined || is1
      ? undefined
      : eapProof(reading, ends, second.toLowerCase(), conn.text(`${ours}id2`))
  const isSecondEap = then?.kind === 'eap' && then.methods.length > 0 && !then.methods.includes('tls')
  if (second !== undefined && !is1 && !(isSecondEap && (way === 'psk' || isPublicKey(way)))) {
    problems.add(
      'error',
      conn.where(`${ours}auth2`),
      'Of several rounds of authentication (RFC 4739), only a password behind a certificate or a shared key is supported',
      'Ask the administrator for a connection with one round.',
    )
    return undefined
  }
  const proof = localProof(reading, ends, way)
  return proof === undefined
    ? undefined
    : {
        identity: identityOf(conn.text(`${ours}id`)),
        proof,
        where,
        ...(then?.kind === 'eap' ? { then } : {}),
      }
}

function localProof(reading: ConnReading, ends: Ends, way: string): LocalProof | undefined {
  const { conn, secrets, problems } = reading
  const { ours, theirs, address } = ends
  const id = conn.text(`${ours}id`)
  if (way === 'psk') {
    const secret = secretFor(secrets, ['psk'], [conn.text(`${theirs}id`), address, id])
    return { kind: 'psk', secret: secret?.bytes() }
  }
  if (Object.hasOwn(eapMethods, way)) return eapProof(reading, ends, way, id)
  if (isPublicKey(way)) {
    const certificate = readUserCertificate(conn.text(`${ours}cert`), conn.where(`${ours}cert`), reading)
    return certificate === undefined ? undefined : { kind: 'certificate', ...certificate }
  }
  problems.add(
    'error',
    conn.where(conn.text(`${ours}auth`) === undefined ? 'authby' : `${ours}auth`),
    `The method "${way.slice(0, 40)}" is not supported`,
    'Ask the administrator for a certificate, a pre-shared key or EAP-MSCHAPv2.',
  )
  return undefined
}

function eapProof(
  reading: ConnReading,
  { ours }: Ends,
  way: string,
  id: string | undefined,
): LocalProof | undefined {
  const { conn, secrets } = reading
  const autheap = conn.text('autheap')?.toLowerCase()
  const named = conn.text('eap_identity')
  const identity = named === undefined || named.startsWith('%') ? undefined : named
  const [only, ...more] = secrets.filter(({ type }) => type === 'eap')
  const [onlyName] = more.length === 0 && only?.selectors.length === 1 ? only.selectors : []
  const username = identity ?? reading.input.username ?? identityOf(id) ?? onlyName
  const methods = (autheap === undefined ? undefined : eapMethods[`eap-${autheap}`]) ?? eapMethods[way] ?? []
  if (methods.includes('tls')) {
    const certificate = readUserCertificate(conn.text(`${ours}cert`), conn.where(`${ours}cert`), reading)
    const server = identityOf(conn.text('aaa_identity'))
    return certificate === undefined
      ? undefined
      : { kind: 'eap', username: identity, methods, certificate, server }
  }
  const password = secretFor(secrets, ['eap', 'xauth'], [username, id])?.bytes()
  const server = identityOf(conn.text('aaa_identity'))
  // What strongSwan has within EAP-TTLS is EAP.
  const inner = methods.includes('ttls') ? 'eap-mschapv2' : undefined
  return { kind: 'eap', username, password, methods, inner, server }
}

export function connRemote(reading: ConnReading, ends: Ends): Description['remote'] | undefined {
  const { conn, secrets, authorities, input, problems } = reading
  const { ours, theirs, address } = ends
  const id = conn.text(`${theirs}id`)
  // Libreswan asks the gateway for a certificate when the user is asked for EAP.
  const named = conn.text(`${theirs}auth`)
  const way =
    named === undefined && wayOf(reading, ours).startsWith('eap') ? 'pubkey' : wayOf(reading, theirs)
  const identity = id === '%any' ? '%any' : identityOf(id)
  if (way === 'psk') {
    const secret = secretFor(secrets, ['psk'], [id, address, conn.text(`${ours}id`)])
    return { identity, proof: { kind: 'psk', secret: secret?.bytes() } }
  }
  const eapOnly = ['eap-tls', 'eap-ttls', 'eap-peap'].includes(way)
  if (!isPublicKey(way) && !eapOnly) {
    problems.add(
      'error',
      conn.where(`${theirs}auth`),
      `The gateway would prove itself by "${way.slice(0, 40)}", which is not supported`,
      'Ask the administrator for a certificate or a pre-shared key.',
    )
    return undefined
  }
  const own = conn.text(`${theirs}cert`)
  const trusted =
    own === undefined ? authorities : readAuthority(own, conn.where(`${theirs}cert`), input, problems)
  if (trusted === undefined) return undefined
  if (trusted.length === 0) {
    problems.add(
      'warning',
      conn.where(),
      'No authority is named',
      "The system's authorities are trusted, and the gateway must prove its name. Where its own authority is meant, put it into cacerts/ beside the file and import the folder.",
    )
  }
  return {
    identity,
    proof: { kind: 'certificate', authorities: trusted },
    ...(eapOnly ? { eapOnly } : {}),
  }
}
