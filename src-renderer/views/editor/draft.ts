/** A profile as it is being edited: every field as it is typed. */
import * as v from 'valibot'
import {
  Profile as ProfileSchema,
  type LocalAuthentication,
  type Profile,
  type SecretReference,
} from '../../../src-shared/profile.ts'
import { keptCertificateId } from '../../../src-shared/certificates.ts'
import { eapDraftOf, withoutTunnels } from './draft-eap.ts'
import type { EapDraft } from './draft-eap.ts'
import { readCount, readDuration, readSize, writeDuration, writeList, writeSize } from './quantities.ts'

/** How a secret is to be had: asked for at each connection, kept by Culvert, read from a file. */
export type SecretPlaceDraft = 'ask' | 'keep' | 'file'

export interface SecretDraft {
  place: SecretPlaceDraft
  path: string
  /** What was typed or chosen just now. Write-only: a kept secret never comes back. */
  typed: string
  /** The file that `typed` was read from, for showing. */
  fileName: string
  /** The reference of what is kept already. */
  readonly kept?: SecretReference & { readonly from: 'store' }
}

export type EapMethod = (LocalAuthentication & { readonly method: 'eap' })['allow'][number]

export type SecretField = 'psk' | 'password' | 'key' | 'keyPassword' | 'gatewayPsk'

export interface Draft extends EapDraft {
  name: string
  address: string
  ikeVersion: '1' | '2'
  /** Of version 1 alone. */
  mode: 'main' | 'aggressive'
  port: string
  localIdentity: string
  method: 'eap' | 'certificate' | 'psk'
  username: string
  allow: EapMethod[]
  certificates: string[]
  secrets: Record<SecretField, SecretDraft>
  remoteIdentity: string
  remoteMethod: 'certificate' | 'psk'
  authorities: string[]
  pin: string
  revocation: 'strict' | 'when-reachable' | 'off'
  /** The kept certificate that is used to sign in; empty: `certificates` and the key. */
  keptCertificate: string
  ike: string[]
  esp: string[]
  /** Whether everything goes through the tunnel; else `networks` does. */
  everything: boolean
  networks: string
  localNetworks: string
  ipv4: boolean
  ipv6: boolean
  dnsServers: string
  dnsDomains: string
  ikeLifetime: string
  childLifetime: string
  childBytes: string
  childPackets: string
  liveness: string
  natKeepalive: string
  forceEncapsulation: boolean
  fragmentation: boolean
  replayWindow: string
  mtu: string
  reconnect: boolean
}

export const everyNetwork: readonly string[] = ['0.0.0.0/0', '::/0']

export function secretDraft(
  reference: SecretReference | undefined,
  otherwise: SecretPlaceDraft,
): SecretDraft {
  const empty = { path: '', typed: '', fileName: '' }
  switch (reference?.from) {
    case undefined:
      return { ...empty, place: otherwise }
    case 'prompt':
      return { ...empty, place: otherwise === 'keep' ? 'keep' : 'ask' }
    case 'file':
      return { ...empty, place: 'file', path: reference.path }
    case 'store':
      return { ...empty, place: 'keep', kept: { from: 'store', id: reference.id } }
  }
}

/** The kept certificate whose key the profile names. */
function keptKeyOf({ local: { authentication } }: Profile): string | undefined {
  if (authentication.method !== 'certificate' || authentication.key.from !== 'store') return undefined
  return keptCertificateId(authentication.key.id)
}

/** The methods without TLS; the usual ones where there are none yet. */
function allowOf(local: LocalAuthentication): EapMethod[] {
  const plain = local.method === 'eap' ? withoutTunnels(local.allow) : []
  return plain.length === 0 ? ['mschapv2', 'gtc'] : [...plain]
}

export function draftOf(profile: Profile): Draft {
  const local = profile.local.authentication
  const remote = profile.remote.authentication
  const { traffic, dns, lifetimes } = profile
  return {
    name: profile.name,
    address: profile.gateway.address,
    ikeVersion: profile.ikeVersion === 1 ? '1' : '2',
    mode: profile.ikev1.mode,
    port: profile.gateway.port === 500 ? '' : String(profile.gateway.port),
    localIdentity: profile.local.identity ?? '',
    method: local.method,
    username: local.method === 'eap' ? local.username : '',
    allow: allowOf(local),
    ...eapDraftOf(profile),
    certificates: local.method === 'certificate' ? [...local.certificates] : [],
    secrets: {
      psk: secretDraft(local.method === 'psk' ? local.secret : undefined, 'ask'),
      password: secretDraft(local.method === 'eap' ? local.password : undefined, 'ask'),
      // A key cannot be asked for at each connection: it is kept, or it lies in a file.
      key: secretDraft(
        local.method === 'certificate' && keptKeyOf(profile) === undefined ? local.key : undefined,
        'keep',
      ),
      keyPassword: secretDraft(local.method === 'certificate' ? local.keyPassword : undefined, 'ask'),
      gatewayPsk: secretDraft(remote.method === 'psk' ? remote.secret : undefined, 'ask'),
    },
    remoteIdentity: profile.remote.identity ?? '',
    remoteMethod: remote.method,
    authorities: remote.method === 'certificate' ? [...remote.authorities] : [],
    pin: remote.method === 'certificate' ? (remote.pin ?? '') : '',
    revocation: (remote.method === 'certificate' ? remote.revocation : undefined) ?? 'when-reachable',
    keptCertificate: keptKeyOf(profile) ?? '',
    ike: [...profile.proposals.ike],
    esp: [...profile.proposals.esp],
    everything: writeList(traffic.remote) === writeList(everyNetwork),
    networks: writeList(traffic.remote) === writeList(everyNetwork) ? '' : writeList(traffic.remote),
    localNetworks: writeList(traffic.local),
    ipv4: profile.virtualAddress.ipv4,
    ipv6: profile.virtualAddress.ipv6,
    dnsServers: writeList(dns.servers),
    dnsDomains: writeList(dns.domains),
    ikeLifetime: writeDuration(lifetimes.ikeSeconds),
    childLifetime: writeDuration(lifetimes.childSeconds),
    childBytes: writeSize(lifetimes.childBytes),
    childPackets: lifetimes.childPackets === undefined ? '' : String(lifetimes.childPackets),
    liveness: writeDuration(profile.livenessSeconds),
    natKeepalive: writeDuration(profile.natKeepaliveSeconds),
    forceEncapsulation: profile.forceEncapsulation,
    fragmentation: profile.fragmentation,
    replayWindow: String(profile.replayWindow),
    mtu: profile.mtu === undefined ? '' : String(profile.mtu),
    reconnect: profile.reconnect,
  }
}

/**
 * A new profile's starting point: a password, and a certificate that the system's authorities vouch for. All else as the schema
 * has it by default.
 */
export function newProfile(id: string): Profile {
  const profile = v.parse(ProfileSchema, {
    version: 1,
    id,
    name: 'new',
    gateway: { address: 'gateway.invalid' },
    ikeVersion: 2,
    local: { authentication: { method: 'eap', username: 'user', password: { from: 'prompt' } } },
    remote: { authentication: { method: 'certificate', authorities: [] } },
    lifetimes: { ikeSeconds: 14_400, childSeconds: 3600 },
  })
  const { authentication } = profile.local
  return {
    ...profile,
    name: '',
    gateway: { ...profile.gateway, address: '' },
    local: {
      authentication: authentication.method === 'eap' ? { ...authentication, username: '' } : authentication,
    },
  }
}

/** The fields whose text must be read before it can be checked, with how, and their place in the profile. */
export const quantityFields = {
  port: { read: readCount, field: 'gateway.port', example: 'count' },
  ikeLifetime: { read: readDuration, field: 'lifetimes.ikeSeconds', example: 'duration' },
  childLifetime: { read: readDuration, field: 'lifetimes.childSeconds', example: 'duration' },
  childBytes: { read: readSize, field: 'lifetimes.childBytes', example: 'size' },
  childPackets: { read: readCount, field: 'lifetimes.childPackets', example: 'count' },
  liveness: { read: readDuration, field: 'livenessSeconds', example: 'duration' },
  natKeepalive: { read: readDuration, field: 'natKeepaliveSeconds', example: 'duration' },
  replayWindow: { read: readCount, field: 'replayWindow', example: 'count' },
  mtu: { read: readCount, field: 'mtu', example: 'count' },
} as const

/** The fields whose text is no number, time or size, and what it should be. */
export const unreadable = (
  draft: Draft,
): readonly { readonly field: string; readonly example: 'count' | 'duration' | 'size' }[] =>
  quantityNames
    .filter((name) => Number.isNaN(quantityFields[name].read(draft[name])))
    .map((name) => ({ field: quantityFields[name].field, example: quantityFields[name].example }))

const quantityNames = [
  'port',
  'ikeLifetime',
  'childLifetime',
  'childBytes',
  'childPackets',
  'liveness',
  'natKeepalive',
  'replayWindow',
  'mtu',
] as const
