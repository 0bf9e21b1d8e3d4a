/** Makes a profile, with its secrets, of what a file says; or says why there can be none. */
import { Secret } from '../../../src-shared/secret.ts'
import type {
  EapAuthentication,
  LocalAuthentication,
  Profile,
  SecretReference,
} from '../../../src-shared/profile.ts'
import { checkDraft } from '../parse.ts'
import { noteExpiry, stableId } from './certificates.ts'
import type { Description, EapName, LocalProof, UserCertificate } from './description.ts'
import type { ImportInput, ImportResult, ImportedSecret, ProblemList } from './importer.ts'
import { usableProposals } from './proposals.ts'

/** More connections than any person's file has. */
export const CONNECTION_LIMIT = 64

interface Making {
  readonly id: string
  readonly format: string
  readonly description: Description
  readonly input: ImportInput
  readonly problems: ProblemList
  readonly secrets: ImportedSecret[]
}

/** A UUID that the profile schema takes. */
const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i

/** The profiles of all descriptions that Culvert can follow; the rest is in the problems. `format`: short, for ids. */
export function profilesOf(
  descriptions: readonly Description[],
  format: string,
  input: ImportInput,
  problems: ProblemList,
): ImportResult {
  const profiles: Profile[] = []
  const secrets: ImportedSecret[] = []
  for (const description of descriptions.slice(0, CONNECTION_LIMIT)) {
    const { uuid, seeds, name, gateway } = description
    const id =
      uuid !== undefined && UUID.test(uuid)
        ? uuid.toLowerCase()
        : stableId(format, ...seeds, name, gateway.address)
    const making: Making = { id, format, description, input, problems, secrets: [] }
    const isTwice = profiles.some((other) => other.id === id)
    if (isTwice) tellTwice(making)
    const profile = isTwice ? undefined : profileOf(making)
    if (profile === undefined) for (const { value } of making.secrets) value.wipe()
    else {
      profiles.push(profile)
      secrets.push(...making.secrets)
    }
  }
  for (const { where } of descriptions.slice(CONNECTION_LIMIT, CONNECTION_LIMIT + 1)) {
    const problem = `Only the first ${CONNECTION_LIMIT} connections are read`
    problems.add('warning', where, problem, 'Split the file.')
  }
  return { profiles, secrets, problems: problems.problems }
}

function tellTwice({ description, problems }: Making): void {
  problems.add(
    'warning',
    description.where,
    'This connection is in the file twice',
    'The first one is taken.',
  )
}

function profileOf(making: Making): Profile | undefined {
  const { description, problems, id } = making
  const { gateway, local, remote, proposals, ike } = description
  const proof = version1Proof(making)
  const authentication = proof === undefined ? undefined : localAuthentication(making, proof)
  const second = local.then === undefined ? undefined : eapAuthentication(making, local.then)
  const then = second?.method === 'eap' ? { authentication: second } : undefined
  if (authentication === undefined || (local.then !== undefined && then === undefined)) {
    if (remote.proof.kind === 'psk') remote.proof.secret?.fill(0)
    return undefined
  }
  const listed = (protocol: 'ike' | 'esp') => {
    const given = proposals?.[protocol]
    return usableProposals(protocol, given?.value ?? [], given?.where ?? description.where, problems)
  }
  const draft = {
    version: 1,
    id,
    name: oneLine(description.name),
    gateway,
    ikeVersion: ike.version,
    ikev1: ike.version === 1 ? { mode: ike.exchange } : undefined,
    local: { identity: local.identity, authentication, then },
    remote: {
      identity: remote.identity,
      authentication: remoteAuthentication(making),
      eapOnly: remote.eapOnly,
    },
    proposals: { ike: listed('ike'), esp: listed('esp') },
    traffic: trafficOf(description),
    virtualAddress: description.virtualAddress,
    dns: description.dns,
    lifetimes: description.lifetimes,
    livenessSeconds: description.livenessSeconds,
    natKeepaliveSeconds: description.natKeepaliveSeconds,
    forceEncapsulation: description.forceEncapsulation,
    fragmentation: description.fragmentation,
    replayWindow: description.replayWindow,
    mtu: description.mtu,
  }
  const checked = checkDraft(draft)
  if (checked.ok) return checked.value
  for (const { where, problem } of checked.error) {
    problems.add(
      'error',
      `${description.where}: ${where}`,
      problem,
      'Mend the file, or ask for a corrected one.',
    )
  }
  return undefined
}

/** Nothing named means everything: that is the profile's default. */
function trafficOf({ traffic }: Description): Description['traffic'] {
  if (traffic === undefined) return undefined
  const { remote, local = [] } = traffic
  if (remote.length === 0 && local.length === 0) return undefined
  return { remote: remote.length === 0 ? ['0.0.0.0/0', '::/0'] : remote, local }
}

/** Control characters and the like in a name would be the only reason to lose a profile. */
const oneLine = (name: string): string =>
  name
    .replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .trim()
    .slice(0, 128)

// ---------------------------------------------------------------- IKEv1

/**
 * With IKEv1 the profile's user name and password mean XAUTH, beside the gateway's shared key or certificate (hybrid). Undefined,
 * and told, for a certificate of the user's with a password after it.
 */
function version1Proof({ description, problems }: Making): LocalProof | undefined {
  const { ike, local, where } = description
  if (ike.version !== 1) return local.proof
  if (ike.exchange === 'aggressive') {
    problems.add(
      'warning',
      where,
      local.proof.kind === 'psk' && ike.hybrid !== true
        ? 'Aggressive mode with a shared key lets anybody on the way try passwords at home'
        : 'Aggressive mode shows who you are to everybody on the way',
      'Ask the administrator for IKEv2, whatever client you use.',
    )
  } else {
    problems.add(
      'note',
      where,
      'The connection uses IKEv1',
      'Ask the administrator whether the gateway has IKEv2.',
    )
  }
  if (ike.xauth === undefined) return local.proof
  if (local.proof.kind === 'certificate') {
    problems.add(
      'error',
      where,
      'A certificate and a password one after the other (XAUTH) are not supported',
      'Ask the administrator for a connection with one of them.',
    )
    wipeProof(local.proof)
    return undefined
  }
  // The group's key is the gateway's as well; the user's own proof is the password.
  wipeProof(local.proof)
  return {
    kind: 'eap',
    methods: ['mschapv2', 'gtc'],
    username: ike.xauth.username,
    password: ike.xauth.password,
  }
}

function wipeProof(proof: LocalProof): void {
  if (proof.kind === 'psk') proof.secret?.fill(0)
  else if (proof.kind === 'eap') {
    proof.password?.fill(0)
    if (proof.certificate !== undefined) wipeCertificate(proof.certificate)
  } else wipeCertificate(proof)
}

function wipeCertificate({ key }: UserCertificate): void {
  key.bytes.fill(0)
  key.password?.fill(0)
}

// ---------------------------------------------------------------- authentication

type PasswordMethod = EapAuthentication['allow'][number]
const isByPassword = (name: EapName): name is PasswordMethod => name !== 'tls'

/** Keeps a secret for the store and gives the reference to it; without one, it is asked for. */
function keep(
  { id: profileId, format, secrets }: Making,
  kind: ImportedSecret['kind'],
  bytes: Uint8Array | undefined,
  more: { readonly encrypted?: boolean; readonly origin?: string } = {},
): SecretReference {
  if (bytes === undefined || bytes.length === 0) return { from: 'prompt' }
  const id = stableId(format, profileId, kind)
  if (secrets.every((secret) => secret.id !== id)) {
    secrets.push({ id, profileId, kind, encrypted: false, ...more, value: new Secret(bytes) })
  } else {
    // The same secret a second time.
    bytes.fill(0)
  }
  return { from: 'store', id }
}

function localAuthentication(making: Making, proof: LocalProof): LocalAuthentication | undefined {
  switch (proof.kind) {
    case 'psk':
      return { method: 'psk', secret: keep(making, 'psk', proof.secret) }
    case 'certificate':
      noteExpiry(proof.certificates, making.description.local.where, Date.now(), making.problems)
      return certificateAuthentication(making, proof)
    case 'eap':
      return eapAuthentication(making, proof)
  }
}

const certificateAuthentication = (
  making: Making,
  { certificates, key }: UserCertificate,
): LocalAuthentication => ({
  method: 'certificate',
  certificates: [...certificates],
  key: keep(making, key.kind, key.bytes, {
    encrypted: key.encrypted,
    ...(key.origin === undefined ? {} : { origin: key.origin }),
  }),
  keyPassword: keep(making, 'key-password', key.password),
})

function eapAuthentication(
  making: Making,
  proof: LocalProof & { kind: 'eap' },
): LocalAuthentication | undefined {
  const { description, input, problems } = making
  const { where } = description.local
  const { methods, username: named, password, inner, anonymousIdentity, server: serverName } = proof
  const allow = methods.filter(isByPassword)
  const server = serverName === undefined ? {} : { server: { identity: serverName } }
  if (allow.length === 0) {
    if (proof.certificate !== undefined) return eapTlsAuthentication(making, proof.certificate, named, server)
    problems.add(
      'error',
      where,
      'EAP-TLS needs a certificate and its key, which are not in the file',
      'Export them as PKCS#12 (.p12, .pfx) and import a folder with that file and this one.',
    )
    wipeProof(proof)
    return undefined
  }
  if (allow.includes('md5')) {
    problems.add(
      'warning',
      where,
      'EAP-MD5 is weak and protects nothing but the password itself',
      'Ask the administrator for EAP-MSCHAPv2 or certificates.',
    )
  }
  const username = named ?? input.username
  if (username === undefined) {
    problems.add('error', where, 'The file names no user', 'Import it with your name: --username NAME.')
    password?.fill(0)
    return undefined
  }
  const isWithinTls = allow.includes('ttls') || allow.includes('peap')
  return {
    method: 'eap',
    username,
    password: keep(making, 'password', password),
    allow,
    ...(isWithinTls ? server : {}),
    ...(isWithinTls && inner !== undefined ? { inner } : {}),
    ...(isWithinTls && anonymousIdentity !== undefined ? { anonymousIdentity } : {}),
  }
}

/** The certificate within EAP-TLS; the name is what EAP asks for, else the certificate's own. */
function eapTlsAuthentication(
  making: Making,
  certificate: UserCertificate,
  name: string | undefined,
  server: { readonly server?: { readonly identity: string } },
): LocalAuthentication {
  noteExpiry(certificate.certificates, making.description.local.where, Date.now(), making.problems)
  const shown = certificateAuthentication(making, certificate)
  const eap = { ...(name === undefined ? {} : { identity: name }), ...server }
  return shown.method === 'certificate' ? { ...shown, eap } : shown
}

function remoteAuthentication(making: Making): object {
  const { proof } = making.description.remote
  if (proof.kind === 'psk') return { method: 'psk', secret: keep(making, 'psk', proof.secret) }
  noteExpiry(proof.authorities, making.description.where, Date.now(), making.problems)
  return { method: 'certificate', authorities: proof.authorities, pin: proof.pin }
}
