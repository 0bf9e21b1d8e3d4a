/** The `local` and `remote` rounds of a swanctl.conf connection: who proves what, and with which secret. */
import type {
  EapAuthentication,
  LocalAuthentication,
  Profile,
  SecretReference,
} from '../../../src-shared/profile.ts'
import { Secret } from '../../../src-shared/secret.ts'
import { keyStanding, stableId } from './certificates.ts'
import type { ImportedSecret } from './importer.ts'
import type { ConnectionReading } from './swanctl-reading.ts'
import { findFile, readCertificates } from './swanctl-files.ts'
import type { SectionReader } from './swanctl-section.ts'
import { findKey } from './swanctl-keys.ts'
import type { SecretEntry } from './swanctl-secrets.ts'
import { entryFor } from './swanctl-secrets.ts'
import { isVersion1, readXauth, version1Rounds } from './swanctl-xauth.ts'
import { unfollowedInLocal, unfollowedInRemote } from './swanctl-unfollowed.ts'

interface Side {
  readonly profileId: string
  readonly address: string
  /** Where found secrets are gathered. */
  readonly secrets: ImportedSecret[]
}

type Local = Profile['local']
type Remote = Profile['remote']

/** strongSwan marks a key ID by `@#` and a name by `@`; profiles write `keyid:` and the name. */
const identityOf = (text: string | undefined): string | undefined =>
  text?.replace(/^@#/, 'keyid:').replace(/^@(?=[^@])/, '')

/** The one round of a side; undefined, and reported, when there are several. Of ours there may be a second by EAP (RFC 4739). */
function onlyRound(
  { connection, problems }: ConnectionReading,
  side: 'local' | 'remote',
): readonly [first: SectionReader, second?: SectionReader] | undefined {
  const [first, ...more] = connection.sections(side).filter(([name]) => !/^(?:local|remote)_/.test(name))
  if (first === undefined) {
    problems.add(
      'error',
      connection.where(),
      `The connection has no section "${side}"`,
      'Ask for a complete file.',
    )
    return undefined
  }
  const [second] = more
  if (second === undefined) return [first[1]]
  const isEap = /^eap/.test(second[1].text('auth') ?? '') && second[1].text('auth') !== 'eap-tls'
  const isFirst = !/^eap/.test(first[1].text('auth') ?? 'pubkey')
  if (side === 'local' && more.length === 1 && isEap && isFirst) return [first[1], second[1]]
  problems.add(
    'error',
    first[1].where(),
    'Of several rounds of authentication (RFC 4739), only a password behind a certificate or a shared key is supported',
    'Ask the administrator for a connection with one round.',
  )
  return undefined
}

/** Keeps a secret for the store and gives the reference to it; without one, it is asked for. */
function keepSecret(
  side: Side,
  kind: ImportedSecret['kind'],
  bytes: Uint8Array | undefined,
  extra: { readonly encrypted?: boolean; readonly origin?: string } = {},
): SecretReference {
  if (bytes === undefined) return { from: 'prompt' }
  const id = stableId('swanctl', side.profileId, kind)
  if (side.secrets.every((secret) => secret.id !== id)) {
    side.secrets.push({
      id,
      profileId: side.profileId,
      kind,
      encrypted: false,
      ...extra,
      value: new Secret(bytes),
    })
  }
  return { from: 'store', id }
}

// ---------------------------------------------------------------- remote

export function readRemote(reading: ConnectionReading, side: Side): Remote | undefined {
  const [round] = onlyRound(reading, 'remote') ?? []
  if (round === undefined) return undefined
  const { problems } = reading
  const auth = round.text('auth') ?? 'pubkey'
  // The gateway proves itself by EAP alone (RFC 5998); whom it may be says the rest of its round.
  const eapOnly = ['eap-tls', 'eap-ttls', 'eap-peap'].includes(auth)
  const identity = identityOf(round.text('id'))
  const local = reading.connection.sections('local')[0]?.[1]
  const authentication = ((): Remote['authentication'] | undefined => {
    if (auth === 'psk') {
      const entry = entryFor(reading.secretEntries, 'ike', [identity, side.address, local?.text('id')])
      return { method: 'psk', secret: keepSecret(side, 'psk', entry?.bytes()) }
    }
    if (isPublicKey(auth) || eapOnly) return readTrust(reading, round)
    problems.add(
      'error',
      round.where('auth'),
      `The gateway would prove itself by "${auth.slice(0, 40)}", which is not supported`,
      'Ask the administrator for a certificate or a pre-shared key.',
    )
    return undefined
  })()
  round.reportUnread(unfollowedInRemote)
  if (authentication === undefined) return undefined
  return {
    ...(identity === undefined ? {} : { identity }),
    authentication,
    ...(eapOnly ? { eapOnly } : {}),
  }
}

const isPublicKey = (auth: string): boolean =>
  /^(?:ike:)?(?:pubkey|rsa|ecdsa|ed25519|any)(?:[-/]|$)/.test(auth)

function readTrust(reading: ConnectionReading, round: SectionReader): Remote['authentication'] | undefined {
  const { input, problems } = reading
  if (round.list('pubkeys').length > 0) {
    problems.add(
      'error',
      round.where('pubkeys'),
      'Raw public keys are not supported',
      'Ask for a certificate.',
    )
    return undefined
  }
  const revocation = round.text('revocation')
  if (revocation === 'ifuri') {
    problems.add(
      'warning',
      round.where('revocation'),
      'A gateway passes although its authority cannot be reached',
      'Set "revocation" to "strict" in the profile if its certificate says where to ask.',
    )
  }
  const files = (prefix: string) =>
    round.sections(prefix).flatMap(([, section]) => section.text('file') ?? [])
  const authorities = readCertificates(
    input.files,
    'authority',
    [...round.list('cacerts'), ...files('cacert')],
    round.where('cacerts'),
    problems,
  )
  const own = readCertificates(
    input.files,
    'certificate',
    [...round.list('certs'), ...files('cert')],
    round.where('certs'),
    problems,
  )
  if (authorities === undefined || own === undefined) return undefined
  // A gateway's own certificate narrows what its authority vouches for: then it alone is trusted.
  const trusted = own.length > 0 ? own : authorities.length > 0 ? authorities : reading.authorities
  // The file means to trust one that is not here: nobody else may stand in for it.
  if (trusted === undefined) return undefined
  if (trusted.length === 0) {
    problems.add(
      'warning',
      round.where(),
      'No authority is named',
      "The system's authorities are trusted, and the gateway must prove its name. Where its own authority is meant, name it with cacerts and put it beside the file.",
    )
  }
  return {
    method: 'certificate',
    authorities: [...trusted],
    ...(revocation === 'strict' ? { revocation } : {}),
  }
}

// ---------------------------------------------------------------- local

export function readLocal(
  reading: ConnectionReading,
  side: Side & { readonly remoteIdentity: string | undefined },
): Local | undefined {
  const { first, user } = isVersion1(reading.connection) ? version1Rounds(reading.connection) : noRounds
  if (user !== undefined) {
    const authentication = readXauth(reading, (bytes) => keepSecret(side, 'password', bytes))
    const identity = identityOf(first?.text('id'))
    for (const round of [first, user]) round?.reportUnread(unfollowedInLocal)
    if (authentication === undefined) return undefined
    return { ...(identity === undefined ? {} : { identity }), authentication }
  }
  const [round, second] = onlyRound(reading, 'local') ?? []
  if (round === undefined) return undefined
  const auth = round.text('auth') ?? 'pubkey'
  const identity = identityOf(round.text('id'))
  const authentication = ((): LocalAuthentication | undefined => {
    if (auth === 'psk') {
      const entry = entryFor(reading.secretEntries, 'ike', [side.remoteIdentity, side.address, identity])
      return { method: 'psk', secret: keepSecret(side, 'psk', entry?.bytes()) }
    }
    if (auth === 'eap-tls') {
      const shown = readKeyAndCertificate(reading, round, side)
      return shown?.method === 'certificate' ? { ...shown, eap: readEapTls(round) } : undefined
    }
    if (auth.startsWith('eap') && !isVersion1(reading.connection))
      return readEap(reading, round, side, auth, identity)
    if (isPublicKey(auth)) return readKeyAndCertificate(reading, round, side)
    reading.problems.add(
      'error',
      round.where('auth'),
      `The method "${auth.slice(0, 40)}" is not supported`,
      'Ask the administrator for a certificate, a pre-shared key or EAP-MSCHAPv2.',
    )
    return undefined
  })()
  const next = second === undefined ? undefined : readSecond(reading, second, side)
  round.reportUnread(unfollowedInLocal)
  second?.reportUnread(unfollowedInLocal)
  if (authentication === undefined || (second !== undefined && next === undefined)) return undefined
  return {
    ...(identity === undefined ? {} : { identity }),
    authentication,
    ...(next === undefined ? {} : { then: next }),
  }
}

function readSecond(reading: ConnectionReading, round: SectionReader, side: Side): Local['then'] {
  const identity = identityOf(round.text('id'))
  const authentication = readEap(reading, round, side, round.text('auth') ?? 'eap', identity)
  return authentication === undefined
    ? undefined
    : { ...(identity === undefined ? {} : { identity }), authentication }
}

/** What strongSwan calls the AAA server is the server of the log-in. */
const readServer = (round: SectionReader): { readonly server?: { readonly identity: string } } => {
  const identity = identityOf(round.text('aaa_id'))
  return identity === undefined || identity === '%any' ? {} : { server: { identity } }
}

const readEapTls = (
  round: SectionReader,
): NonNullable<(LocalAuthentication & { method: 'certificate' })['eap']> => {
  const identity = round.text('eap_id')
  return { ...(identity === undefined || identity === '%any' ? {} : { identity }), ...readServer(round) }
}

const noRounds = { first: undefined, user: undefined }

type EapMethod = Extract<LocalAuthentication, { method: 'eap' }>['allow'][number]

const eapMethods: Readonly<Record<string, readonly EapMethod[]>> = {
  eap: ['mschapv2', 'gtc'],
  'eap-dynamic': ['mschapv2', 'gtc'],
  'eap-mschapv2': ['mschapv2'],
  'eap-gtc': ['gtc'],
  'eap-md5': ['md5'],
  'eap-ttls': ['ttls'],
  'eap-peap': ['peap'],
}

function readEap(
  reading: ConnectionReading,
  round: SectionReader,
  side: Side,
  auth: string,
  identity: string | undefined,
): EapAuthentication | undefined {
  const { input, secretEntries, problems } = reading
  const allow = Object.hasOwn(eapMethods, auth) ? eapMethods[auth] : undefined
  if (allow === undefined) {
    problems.add(
      'error',
      round.where('auth'),
      `${auth.slice(0, 40).toUpperCase()} is not supported`,
      'Ask the administrator for EAP-MSCHAPv2.',
    )
    return undefined
  }
  const passwords = secretEntries.filter((entry) => entry.kind === 'eap')
  const [onlyPassword] = passwords.length === 1 ? passwords : []
  const [onlyId] = onlyPassword?.ids.length === 1 ? onlyPassword.ids : []
  const username = round.text('eap_id') ?? input.username ?? identity ?? onlyId
  if (username === undefined || username === '%any') {
    problems.add(
      'error',
      round.where('eap_id'),
      'The connection names no user',
      'Import it with your name: --username NAME.',
    )
    return undefined
  }
  const entry = entryFor(secretEntries, 'eap', [username, identity])
  return {
    method: 'eap',
    username,
    password: keepSecret(side, 'password', entry?.bytes()),
    allow: [...allow],
    // What strongSwan has within EAP-TTLS is EAP.
    ...(allow.includes('ttls') ? { inner: 'eap-mschapv2' } : {}),
    ...(allow.includes('ttls') || allow.includes('peap') ? readServer(round) : {}),
  }
}

function readKeyAndCertificate(
  reading: ConnectionReading,
  round: SectionReader,
  side: Side,
): LocalAuthentication | undefined {
  const { input, secretEntries, problems } = reading
  const names = [
    ...round.list('certs'),
    ...round.sections('cert').flatMap(([, section]) => section.text('file') ?? []),
  ]
  const container = secretEntries.find((entry) => entry.kind === 'pkcs12')
  if (names.length === 0 && container !== undefined) return readContainer(reading, side, container)
  const certificates = readCertificates(input.files, 'certificate', names, round.where('certs'), problems)
  if (certificates === undefined) return undefined
  const [certificate] = certificates
  if (certificate === undefined) {
    problems.add(
      'error',
      round.where('certs'),
      'The connection names no certificate of yours',
      'Ask for a complete file.',
    )
    return undefined
  }
  const found = findKey(reading.input.files, reading.secretEntries, certificate, names)
  if (found === undefined) {
    problems.add(
      'error',
      round.where(),
      'The private key for your certificate was not found',
      'Name it in the section secrets (private { file = … }) and put it beside the imported file as private/….',
    )
    return undefined
  }
  return {
    method: 'certificate',
    certificates: [...certificates],
    key: keepSecret(side, 'key', found.file.bytes.slice(), {
      encrypted: found.encrypted,
      origin: found.file.name,
    }),
    keyPassword: keepSecret(side, 'key-password', found.entry?.bytes()),
  }
}

function readContainer(
  { input, problems }: ConnectionReading,
  side: Side,
  entry: SecretEntry,
): LocalAuthentication | undefined {
  const file = findFile(input.files, 'pkcs12', entry.file ?? '')
  if (!file.ok || keyStanding(file.value.bytes)?.kind !== 'pkcs12') {
    problems.add(
      'error',
      entry.where,
      file.ok ? 'This is not a PKCS#12 file' : `The PKCS#12 file cannot be read: ${file.error}`,
      'Put it beside the imported file, then import again.',
    )
    return undefined
  }
  return {
    method: 'certificate',
    certificates: [],
    key: keepSecret(side, 'pkcs12', file.value.bytes.slice(), { encrypted: true, origin: file.value.name }),
    keyPassword: keepSecret(side, 'key-password', entry.bytes()),
  }
}
