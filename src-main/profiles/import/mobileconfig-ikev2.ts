/** The IKEv2 dictionary of Apple's VPN payload. */
import { X509Certificate } from 'node:crypto'
import type { Description, LocalProof, Placed, RemoteProof } from './description.ts'
import { groupKeyword } from './group-keyword.ts'
import type { VpnPayload } from './mobileconfig-payloads.ts'
import { linkedCertificate } from './mobileconfig-payloads.ts'
import { tellOnDemand } from './mobileconfig-on-demand.ts'
import { unfollowedInIkev2 } from './mobileconfig-unfollowed.ts'
import type { PlistFields } from './plist-fields.ts'

export function ikev2Description(vpn: VpnPayload, found: PlistFields | undefined): Description | undefined {
  const { payload, name, uuid, problems } = vpn
  const address = found?.text('RemoteAddress') ?? found?.text('ServerAddress')
  if (found === undefined || address === undefined) {
    problems.add('error', payload.where('IKEv2'), 'The gateway is missing', 'Ask for a complete file.')
    return undefined
  }
  const local = localProof(vpn, found)
  const proposals = readProposals(found, vpn)
  if (local === undefined || !postQuantumIsOptional(found, vpn)) return undefined
  const description: Description = {
    where: found.place,
    seeds: [uuid ?? ''],
    uuid,
    name: name === '' ? address : name,
    ike: { version: 2 },
    gateway: { address },
    local: {
      identity: found.text('LocalIdentifier'),
      proof: local,
      where: found.where('AuthenticationMethod'),
    },
    remote: { identity: found.text('RemoteIdentifier'), proof: remoteProof(vpn, found) },
    proposals,
    dns: readDns(payload),
    lifetimes: {
      ikeSeconds: minutes(found.dictionary('IKESecurityAssociationParameters')),
      childSeconds: minutes(found.dictionary('ChildSecurityAssociationParameters')),
    },
    livenessSeconds: livenessOf(found),
    natKeepaliveSeconds: found.integer('NATKeepAliveInterval', 20, 3600),
    mtu: found.integer('MTU', 1280, 1500),
  }
  tellOnDemand(found, problems)
  tellFlags(found, vpn)
  found.tell(unfollowedInIkev2)
  found.reportUnread()
  return description
}

const minutes = (parameters: PlistFields | undefined): number | undefined => {
  const value = parameters?.integer('LifeTimeInMinutes', 10, 1440)
  return value === undefined ? undefined : value * 60
}

/** DeadPeerDetectionRate: None, Low (30 minutes), Medium (10), High (1). */
const livenessOf = (fields: PlistFields): number | undefined => {
  const rates: Readonly<Record<string, number>> = { none: 0, low: 1800, medium: 600, high: 60 }
  return rates[(fields.text('DeadPeerDetectionRate') ?? '').toLowerCase()]
}

// ---------------------------------------------------------------- authentication

/**
 * ExtendedAuthEnabled without a method is EAP with a password; with Certificate it is EAP-TLS; with SharedSecret the gateway
 * proves itself by the secret.
 */
function localProof(vpn: VpnPayload, fields: PlistFields): LocalProof | undefined {
  const { problems } = vpn
  const method = fields.text('AuthenticationMethod') ?? 'None'
  const extended = fields.flag('ExtendedAuthEnabled') === true
  const username = fields.text('AuthName')
  const password = fields.data('AuthPassword') ?? fields.data('Password')
  if (method === 'Certificate') {
    const certificate = linkedCertificate(fields, vpn)
    if (certificate === undefined) return undefined
    return extended
      ? { kind: 'eap', username, password, methods: ['tls'], certificate }
      : { kind: 'certificate', ...certificate }
  }
  if (extended || method === 'None') {
    if (!extended) {
      problems.add(
        'warning',
        fields.where('AuthenticationMethod'),
        'The profile names no way to log in',
        'A user name and a password (EAP) are taken.',
      )
    }
    return { kind: 'eap', username, password, methods: ['mschapv2', 'gtc'] }
  }
  if (method === 'SharedSecret') return { kind: 'psk', secret: fields.data('SharedSecret') }
  problems.add(
    'error',
    fields.where('AuthenticationMethod'),
    `The method "${method.slice(0, 40)}" is not known`,
    'Ask the administrator for a certificate, a shared secret or a password.',
  )
  return undefined
}

const commonNameOf = (pem: string): string | undefined =>
  /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1]

function remoteProof({ known, problems }: VpnPayload, fields: PlistFields): RemoteProof {
  const issuer = fields.text('ServerCertificateIssuerCommonName')
  const commonName = fields.text('ServerCertificateCommonName')
  if (fields.text('AuthenticationMethod') === 'SharedSecret') {
    return { kind: 'psk', secret: fields.data('SharedSecret') }
  }
  const named = known.authorities.filter((pem) => commonNameOf(pem) === issuer)
  const authorities = issuer !== undefined && named.length > 0 ? named : known.authorities
  if (authorities.length === 0) {
    problems.add(
      'note',
      fields.where('RemoteIdentifier'),
      'The profile brings no authority',
      'The authorities of this system are trusted, and the gateway must prove its name.',
    )
  } else if (issuer !== undefined && named.length === 0) {
    problems.add(
      'warning',
      fields.where('ServerCertificateIssuerCommonName'),
      `No certificate of the profile is that of ${issuer.slice(0, 80)}`,
      'All authorities of the profile are trusted instead.',
    )
  }
  if (commonName !== undefined && commonName !== fields.text('RemoteIdentifier')) {
    problems.add(
      'note',
      fields.where('ServerCertificateCommonName'),
      'The gateway is known by RemoteIdentifier',
      'Its certificate must name that.',
    )
  }
  return { kind: 'certificate', authorities }
}

/** RFC 8784: a key that must be there cannot be passed over. */
function postQuantumIsOptional(fields: PlistFields, { problems }: VpnPayload): boolean {
  if (!fields.has('PPK') && !fields.has('PPKIdentifier')) return true
  const isMandatory = fields.flag('PPKMandatory') !== false
  problems.add(
    isMandatory ? 'error' : 'warning',
    fields.where('PPK'),
    'Post-quantum pre-shared keys are not supported',
    isMandatory
      ? 'Ask the administrator for a connection without one.'
      : 'The connection is made without it if the gateway permits that.',
  )
  return !isMandatory
}

// ---------------------------------------------------------------- algorithms

const encryptions: Readonly<Record<string, string>> = {
  DES: 'des',
  '3DES': '3des',
  'AES-128': 'aes128',
  'AES-256': 'aes256',
  'AES-128-GCM': 'aes128gcm16',
  'AES-256-GCM': 'aes256gcm16',
  ChaCha20Poly1305: 'chacha20poly1305',
}
const integrities: Readonly<Record<string, string>> = {
  'SHA1-96': 'sha1',
  'SHA1-160': 'sha1_160',
  'SHA2-256': 'sha256',
  'SHA2-384': 'sha384',
  'SHA2-512': 'sha512',
}

/** One proposal as Apple's defaults complete it; undefined when nothing is said of algorithms. */
function proposalOf(
  parameters: PlistFields | undefined,
  protocol: 'ike' | 'esp',
  withGroup: boolean,
  { problems }: VpnPayload,
): Placed<readonly string[]> | undefined {
  if (parameters === undefined) return undefined
  const encryption = parameters.text('EncryptionAlgorithm') ?? 'AES-256'
  const integrity = parameters.text('IntegrityAlgorithm') ?? 'SHA2-256'
  const group = parameters.integer('DiffieHellmanGroup', 1, 65_535) ?? 14
  const cipher = encryptions[encryption] ?? encryption.toLowerCase()
  const hash = integrities[integrity] ?? integrity.toLowerCase()
  const isCombined = /gcm|poly/.test(cipher)
  const middle = isCombined ? (protocol === 'ike' ? [`prf${hash.replace('_160', '')}`] : []) : [hash]
  if (parameters.has('PostQuantumKeyExchangeMethods')) {
    problems.add(
      'warning',
      parameters.where('PostQuantumKeyExchangeMethods'),
      'Additional post-quantum key exchanges (RFC 9370) are not supported',
      'The connection is made without them if the gateway permits that.',
    )
  }
  parameters.integer('LifeTimeInMinutes', 10, 1440)
  parameters.reportUnread()
  const words = [cipher, ...middle, ...(withGroup ? [groupKeyword(group)] : [])]
  return { where: parameters.place, value: [words.join('-')] }
}

/** "IKE parameters apply to the Child SA unless those are given." */
function readProposals(fields: PlistFields, vpn: VpnPayload): NonNullable<Description['proposals']> {
  const ikeFields = fields.dictionary('IKESecurityAssociationParameters')
  const childFields = fields.dictionary('ChildSecurityAssociationParameters') ?? ikeFields
  const ike = proposalOf(ikeFields, 'ike', true, vpn)
  const esp = proposalOf(childFields, 'esp', fields.flag('EnablePFS') === true, vpn)
  return { ...(ike === undefined ? {} : { ike }), ...(esp === undefined ? {} : { esp }) }
}

// ---------------------------------------------------------------- the rest

function readDns(payload: PlistFields): Description['dns'] {
  const dns = payload.dictionary('DNS')
  if (dns === undefined) return undefined
  const lists = ['SearchDomains', 'SupplementalMatchDomains'].flatMap((key) => dns.list(key) ?? [])
  const domain = dns.text('DomainName')
  dns.reportUnread()
  return {
    servers: [...(dns.list('ServerAddresses') ?? [])].slice(0, 16),
    domains: [...new Set([...lists, ...(domain === undefined ? [] : [domain])])].slice(0, 64),
  }
}

/** Keys that say something only when they are set. */
function tellFlags(fields: PlistFields, { problems }: VpnPayload): void {
  // What Apple does then is Culvert's default: it asks, and lets pass what nobody answers about.
  fields.flag('EnableCertificateRevocationCheck')
  const told: readonly (readonly [string, string, string])[] = [
    [
      'IncludeAllNetworks',
      'Blocking what goes beside the tunnel is not part of a profile',
      'All networks go through the tunnel while it stands.',
    ],
    [
      'ExcludeLocalNetworks',
      'Keeping local networks out of the tunnel is not supported',
      'Networks that this machine is in are reached directly anyway.',
    ],
    ['DisconnectOnIdle', 'Ending idle connections is not supported', 'It is ignored.'],
  ]
  for (const [key, problem, advice] of told) {
    if (fields.flag(key) === true) problems.add('warning', fields.where(key), problem, advice)
  }
}
