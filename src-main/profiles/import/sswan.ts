/**
 * strongSwan's profile for Android, `.sswan`: one JSON object. Its keys are those of the app's importer
 * (VpnProfileImportActivity.java); what generators get wrong is tolerated: booleans as strings, line breaks in base64.
 */
import type { LocalAuthentication, Profile, RemoteAuthentication } from '../../../src-shared/profile.ts'
import { Secret } from '../../../src-shared/secret.ts'
import { checkDraft } from '../parse.ts'
import { fromStrongswanIdentity } from '../strongswan-identity.ts'
import { decodeBase64 } from './base64.ts'
import { certificatesInText, keyStanding, noteExpiry, stableId } from './certificates.ts'
import type { ImportInput, ImportResult, ImportedSecret, Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import type { Fields } from './json-fields.ts'
import { fieldsOf, isRecord } from './json-fields.ts'
import { parseNetwork } from './networks.ts'
import { usableProposals } from './proposals.ts'

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

interface Reading {
  readonly input: ImportInput
  readonly id: string
  readonly top: Fields
  readonly remote: Fields
  readonly local: Fields
  readonly problems: ProblemList
  readonly secrets: ImportedSecret[]
}

export const sswan: Importer = {
  format: 'strongSwan profile (.sswan)',
  recognises: ({ json }) =>
    isRecord(json) &&
    typeof json['type'] === 'string' &&
    json['type'].startsWith('ikev2-') &&
    isRecord(json['remote']),
  read(input, { json }) {
    const problems = problemList()
    const top = fieldsOf(json, '', problems)
    const uuid = top.text('uuid')
    const name = top.text('name')
    const remote = top.inside('remote')
    const address = remote.text('addr')
    const id =
      uuid !== undefined && UUID.test(uuid)
        ? uuid.toLowerCase()
        : stableId('sswan', name ?? '', address ?? '')
    const reading: Reading = { input, id, top, remote, local: top.inside('local'), problems, secrets: [] }
    const result = (profiles: readonly Profile[]): ImportResult => {
      top.reportUnread()
      if (profiles.length === 0) for (const { value } of reading.secrets) value.wipe()
      return { profiles, secrets: profiles.length === 0 ? [] : reading.secrets, problems: problems.problems }
    }

    if (uuid === undefined || !UUID.test(uuid)) {
      problems.add('note', 'uuid', 'The profile has no valid id', 'One is made from its name and gateway.')
    }
    const authentication = readLocalAuthentication(reading)
    // A certificate, and a password behind it (RFC 4739).
    const isTwice = top.text('type') === 'ikev2-cert-eap'
    const second = isTwice && authentication !== undefined ? readEap(reading) : undefined
    if (address === undefined) {
      problems.add('error', 'remote.addr', 'The gateway is missing', 'Ask for a complete file.')
      return result([])
    }
    const remoteAuthentication = readRemoteAuthentication(reading)
    if (authentication === undefined || remoteAuthentication === undefined) return result([])
    if (isTwice && second === undefined) return result([])
    const checked = checkDraft({
      version: 1,
      id,
      name: name ?? address,
      gateway: { address, port: remote.integer('port', 1, 65_535) },
      ikeVersion: 2,
      local: {
        identity: named(reading.local.text('id')),
        authentication,
        then: second === undefined ? undefined : { authentication: second },
      },
      remote: { identity: named(remote.text('id')), authentication: remoteAuthentication },
      ...readOptions(reading),
    })
    if (checked.ok) return result([checked.value])
    for (const { where, problem } of checked.error) {
      problems.add('error', where, problem, 'Ask for a corrected file.')
    }
    return result([])
  },
}

const named = (identity: string | undefined): string | undefined =>
  identity === undefined ? undefined : fromStrongswanIdentity(identity)

function readLocalAuthentication(reading: Reading): LocalAuthentication | undefined {
  const { top, problems } = reading
  const type = top.text('type') ?? ''
  switch (type) {
    case 'ikev2-byod-eap':
      problems.add(
        'warning',
        'type',
        'The gateway may ask for proof of the state of this device (TNC), which Culvert does not give',
        'Ask the administrator for a profile without it if the connection is refused.',
      )
      return readEap(reading)
    case 'ikev2-eap':
      return readEap(reading)
    case 'ikev2-cert':
      return readCertificate(reading)
    case 'ikev2-cert-eap':
      return readCertificate(reading)
    case 'ikev2-eap-tls': {
      const shown = readCertificate(reading)
      const identity = reading.local.text('eap_id')
      return shown?.method === 'certificate'
        ? { ...shown, eap: identity === undefined ? {} : { identity } }
        : undefined
    }
    default:
      problems.add(
        'error',
        'type',
        `The type ${type.slice(0, 40)} is not known`,
        'Ask the administrator for a profile of type ikev2-eap or ikev2-cert.',
      )
      return undefined
  }
}

function readEap({ input, id, local, problems, secrets }: Reading): LocalAuthentication | undefined {
  const username = local.text('eap_id') ?? input.username
  const password = local.text('shared_secret')
  if (username === undefined) {
    problems.add(
      'error',
      'local.eap_id',
      'The profile names no user',
      'Import it with your name: --username NAME.',
    )
    return undefined
  }
  if (password === undefined)
    return { method: 'eap', username, password: { from: 'prompt' }, allow: ['mschapv2', 'gtc'] }
  const secretId = stableId('sswan-password', id)
  secrets.push({
    id: secretId,
    profileId: id,
    kind: 'password',
    encrypted: false,
    value: new Secret(new TextEncoder().encode(password)),
  })
  return { method: 'eap', username, password: { from: 'store', id: secretId }, allow: ['mschapv2', 'gtc'] }
}

function readCertificate({ id, local, problems, secrets }: Reading): LocalAuthentication | undefined {
  const p12 = local.text('p12')
  if (local.flag('rsa-pss') === true) {
    problems.add(
      'note',
      'local.rsa-pss',
      'Culvert chooses the signature scheme from what the gateway announces',
      'Nothing to do.',
    )
  }
  const bytes = p12 === undefined ? undefined : decodeBase64(p12)
  if (bytes === undefined || keyStanding(bytes)?.kind !== 'pkcs12') {
    const problem =
      p12 === undefined
        ? 'Your certificate and key are not in the file'
        : 'This is not a PKCS#12 file in base64'
    problems.add('error', 'local.p12', problem, 'Ask the administrator for a profile that contains them.')
    return undefined
  }
  const secretId = stableId('sswan-p12', id)
  secrets.push({ id: secretId, profileId: id, kind: 'pkcs12', encrypted: true, value: new Secret(bytes) })
  return {
    method: 'certificate',
    certificates: [],
    key: { from: 'store', id: secretId },
    keyPassword: { from: 'prompt' },
  }
}

function readRemoteAuthentication({ remote, problems }: Reading): RemoteAuthentication | undefined {
  const certificate = remote.text('cert')
  remote.flag('certreq')
  const revocation = readRevocation(remote)
  if (certificate === undefined) {
    problems.add(
      'note',
      'remote.cert',
      'The file names no authority',
      'The authorities of this system are trusted, and the gateway must prove its name.',
    )
    return { method: 'certificate', authorities: [], ...revocation }
  }
  const found = certificatesInText(certificate)
  if (!found.ok) {
    // Never fall back to the system's authorities here: the file meant to trust one alone.
    problems.add(
      'error',
      'remote.cert',
      `The certificate cannot be read: ${found.error}`,
      'Ask for the file again; it may have been cut on the way.',
    )
    return undefined
  }
  noteExpiry(found.value, 'remote.cert', Date.now(), problems)
  return { method: 'certificate', authorities: [...found.value], ...revocation }
}

/** Both ways of asking are on unless the file turns them off; Culvert has one switch for both. */
function readRevocation(remote: Reading['remote']): { readonly revocation?: 'strict' | 'off' } {
  const revocation = remote.inside('revocation')
  const [list, ocsp] = [revocation.flag('crl'), revocation.flag('ocsp')]
  if (revocation.flag('strict') === true) return { revocation: 'strict' }
  return list === false && ocsp === false ? { revocation: 'off' } : {}
}

function readOptions(reading: Reading): Readonly<Record<string, unknown>> {
  const { top, problems } = reading
  const proposals = (protocol: 'ike' | 'esp') => {
    const text = top.text(`${protocol}-proposal`)
    return usableProposals(
      protocol,
      text === undefined ? [] : text.split(','),
      `${protocol}-proposal`,
      problems,
    )
  }
  for (const [key, problem] of notSupported) {
    if (top.has(key)) problems.add('warning', key, problem, 'It is ignored.')
  }
  if (top.flag('ipv6-transport') === true) {
    problems.add(
      'note',
      'ipv6-transport',
      'Culvert uses IPv6 towards the gateway by itself',
      'Nothing to do.',
    )
  }
  const servers = top.list('dns-servers')
  return {
    proposals: { ike: proposals('ike'), esp: proposals('esp') },
    mtu: top.integer('mtu', 1280, 1500),
    natKeepaliveSeconds: top.integer('nat-keepalive', 10, 120),
    ...(servers === undefined ? {} : { dns: { servers, domains: [] } }),
    ...readSplitTunnelling(reading),
  }
}

const notSupported: readonly (readonly [string, string])[] = [
  ['proxy', 'A proxy for the traffic in the tunnel is not supported'],
  ['apps', 'Choosing which apps use the tunnel is not supported'],
  ['excluded-apps', 'Choosing which apps do not use the tunnel is not supported'],
]

function readSplitTunnelling({ top, problems }: Reading): Readonly<Record<string, unknown>> {
  const split = top.inside('split-tunneling')
  const where = (key: string) => `split-tunneling.${key}`
  if ((split.list('excluded') ?? []).length > 0) {
    problems.add(
      'warning',
      where('excluded'),
      'Networks outside the tunnel are not supported',
      'They go through the tunnel. Name the networks inside it instead.',
    )
  }
  for (const key of ['block-ipv4', 'block-ipv6']) {
    if (split.flag(key) === true) {
      problems.add(
        'warning',
        where(key),
        'Blocking a whole IP version is not supported',
        'What the gateway does not carry goes its usual way.',
      )
    }
  }
  const networks: string[] = []
  for (const text of split.list('subnets') ?? []) {
    const found = parseNetwork(text)
    if (found === undefined)
      problems.add(
        'error',
        where('subnets'),
        `${text.slice(0, 60)} is no network`,
        'It is left out. Ask for a corrected file.',
      )
    else networks.push(...found)
  }
  return networks.length === 0 ? {} : { traffic: { remote: networks, local: [] } }
}
