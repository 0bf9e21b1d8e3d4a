/** Apple's configuration profile (`.mobileconfig`): one VPN payload of type IKEv2 and its authorities. */
import { createHash, X509Certificate } from 'node:crypto'
import { fail, ok } from '../../../src-shared/result.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import { groupNumber } from '../import/group-keyword.ts'
import type { Exporter, LostField } from './exporter.ts'
import { fileStem } from './file-stem.ts'
import type { OptionalField } from './lost-fields.ts'
import { lostFields, lostSecrets } from './lost-fields.ts'
import { only, proposalWords } from './proposal-words.ts'
import { xmlText } from './xml-text.ts'

type Value = string | number | boolean | Data | readonly Value[] | Dictionary
interface Dictionary {
  readonly [key: string]: Value | undefined
}
interface Data {
  readonly base64: string
}

export const mobileconfigExport: Exporter = {
  label: 'Apple configuration profile (.mobileconfig)',
  extension: '.mobileconfig',
  write(profile) {
    const { local, remote } = profile
    if ([local.identity, remote.identity].some((identity) => identity?.startsWith('keyid:') === true)) {
      return fail('Apple has no key IDs for IKEv2')
    }
    const kept = new Set<OptionalField>(['remote.identity', 'local.identity'])
    const lost: LostField[] = [...lostSecrets(profile)]
    const payload = vpnPayload(profile, kept)
    const authorities =
      remote.authentication.method === 'certificate' ? remote.authentication.authorities : []
    const configuration: Dictionary = {
      PayloadContent: [payload, ...authorities.map((pem, index) => authorityPayload(profile, pem, index))],
      PayloadDisplayName: profile.name,
      PayloadIdentifier: `culvert.${fileStem(profile.name)}.${profile.id}`,
      PayloadType: 'Configuration',
      PayloadUUID: derivedUuid(profile.id, 'configuration'),
      PayloadVersion: 1,
    }
    lost.push(...lostFields(profile, kept))
    const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${write(configuration, '')}</plist>
`
    return ok({ text, beside: [], lost })
  },
}

function vpnPayload(profile: Profile, kept: Set<OptionalField>): Dictionary {
  const { dns, id, name } = profile
  const hasDns = dns.servers.length > 0
  if (hasDns) {
    kept.add('dns.servers')
    kept.add('dns.domains')
  }
  return {
    IKEv2: ikev2(profile, kept),
    // Apple takes domains only together with servers.
    ...(hasDns
      ? {
          DNS: {
            ServerAddresses: dns.servers,
            ...(dns.domains.length === 0 ? {} : { SupplementalMatchDomains: dns.domains }),
          },
        }
      : {}),
    PayloadDisplayName: 'VPN',
    PayloadIdentifier: `culvert.vpn.${id}`,
    PayloadType: 'com.apple.vpn.managed',
    PayloadUUID: id.toUpperCase(),
    PayloadVersion: 1,
    UserDefinedName: name,
    VPNType: 'IKEv2',
  }
}

function ikev2(profile: Profile, kept: Set<OptionalField>): Dictionary {
  const { gateway, local, remote, proposals, lifetimes } = profile
  const ike = securityParameters(only(proposals.ike), 'ike', lifetimes.ikeSeconds)
  const child = securityParameters(only(proposals.esp), 'esp', lifetimes.childSeconds)
  const pfs = proposalWords(only(proposals.esp) ?? '').group.length > 0
  // Without its own parameters a Child SA takes those of the IKE SA: both are written, or none.
  const both = ike !== undefined && child !== undefined
  if (both) {
    kept.add('proposals.ike')
    kept.add('proposals.esp')
    if (isLifetime(lifetimes.ikeSeconds)) kept.add('lifetimes.ikeSeconds')
    if (isLifetime(lifetimes.childSeconds)) kept.add('lifetimes.childSeconds')
  }
  const rate = { 0: 'None', 60: 'High', 600: 'Medium', 1800: 'Low' }[profile.livenessSeconds]
  if (rate !== undefined) kept.add('livenessSeconds')
  const isApplesMtu = profile.mtu !== undefined && profile.mtu <= 1400
  if (isApplesMtu) kept.add('mtu')
  return {
    ...authentication(profile),
    RemoteAddress: gateway.address,
    RemoteIdentifier: remote.identity ?? gateway.address,
    LocalIdentifier: local.identity ?? '',
    ...(rate === undefined ? {} : { DeadPeerDetectionRate: rate }),
    ...(both
      ? {
          IKESecurityAssociationParameters: ike,
          ChildSecurityAssociationParameters: child,
          EnablePFS: pfs ? 1 : 0,
        }
      : {}),
    ...(isApplesMtu ? { MTU: profile.mtu } : {}),
  }
}

function authentication({ local, remote }: Profile): Dictionary {
  const own = local.authentication
  if (own.method === 'eap') {
    return {
      AuthenticationMethod: remote.authentication.method === 'psk' ? 'SharedSecret' : 'None',
      ExtendedAuthEnabled: 1,
      AuthName: own.username,
    }
  }
  if (own.method === 'psk') return { AuthenticationMethod: 'SharedSecret' }
  return { AuthenticationMethod: 'Certificate', ...(own.eap === undefined ? {} : { ExtendedAuthEnabled: 1 }) }
}

const encryptions: Readonly<Record<string, string>> = {
  aes128: 'AES-128',
  aes256: 'AES-256',
  aes128gcm16: 'AES-128-GCM',
  aes256gcm16: 'AES-256-GCM',
  chacha20poly1305: 'ChaCha20Poly1305',
}
const integrities: Readonly<Record<string, string>> = {
  sha1: 'SHA1-96',
  sha256: 'SHA2-256',
  sha384: 'SHA2-384',
  sha512: 'SHA2-512',
}

const isLifetime = (seconds: number): boolean => seconds % 60 === 0 && seconds >= 600 && seconds <= 86_400

/** Undefined where Apple has no words for the proposal. */
function securityParameters(
  proposal: string | undefined,
  protocol: 'ike' | 'esp',
  lifetime: number,
): Dictionary | undefined {
  const words = proposalWords(proposal ?? '')
  const cipher = only(words.encryption) ?? ''
  const isCombined = /gcm|poly/.test(cipher)
  const hash = isCombined
    ? protocol === 'ike'
      ? only(words.prf)?.slice(3)
      : 'sha256'
    : only(words.integrity)
  const unexpected = isCombined ? words.integrity : words.prf
  const group = only(words.group)
  const EncryptionAlgorithm = encryptions[cipher]
  const IntegrityAlgorithm = integrities[hash ?? '']
  const number = group === undefined ? undefined : groupNumber(group)
  if (unexpected.length > 0 || words.other.length > 0 || words.group.length > 1) return undefined
  if (EncryptionAlgorithm === undefined || IntegrityAlgorithm === undefined) return undefined
  if (protocol === 'ike' && number === undefined) return undefined
  return {
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    ...(number === undefined ? {} : { DiffieHellmanGroup: number }),
    ...(isLifetime(lifetime) ? { LifeTimeInMinutes: lifetime / 60 } : {}),
  }
}

function authorityPayload({ id }: Profile, pem: string, index: number): Dictionary {
  const certificate = new X509Certificate(pem)
  const uuid = derivedUuid(id, `authority ${index}`)
  return {
    PayloadContent: { base64: certificate.raw.toString('base64') },
    PayloadDisplayName: certificate.subject.replaceAll('\n', ', ').slice(0, 100),
    PayloadIdentifier: `culvert.authority.${uuid}`,
    PayloadType: 'com.apple.security.root',
    PayloadUUID: uuid,
    PayloadVersion: 1,
  }
}

/** The same profile gives the same payloads, so that a second import replaces the first. */
function derivedUuid(id: string, purpose: string): string {
  const hex = createHash('sha256').update(`${id} ${purpose}`).digest('hex').toUpperCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const isData = (value: object): value is Data => 'base64' in value
const isArray = (value: Value): value is readonly Value[] => Array.isArray(value)

function write(value: Value, indent: string): string {
  if (typeof value === 'string') return `${indent}<string>${xmlText(value)}</string>\n`
  if (typeof value === 'number') return `${indent}<integer>${value}</integer>\n`
  if (typeof value === 'boolean') return `${indent}<${value ? 'true' : 'false'}/>\n`
  if (isArray(value))
    return `${indent}<array>\n${value.map((one) => write(one, `${indent}\t`)).join('')}${indent}</array>\n`
  if (isData(value)) return `${indent}<data>${value.base64}</data>\n`
  const entries = Object.entries(value)
    .map(([key, one]) =>
      one === undefined ? '' : `${indent}\t<key>${xmlText(key)}</key>\n${write(one, `${indent}\t`)}`,
    )
    .join('')
  return `${indent}<dict>\n${entries}${indent}</dict>\n`
}
