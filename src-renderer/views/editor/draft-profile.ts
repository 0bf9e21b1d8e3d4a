/** From what was typed to the profile that is checked and saved. */
import { keptCertificateName } from '../../../src-shared/certificates.ts'
import type { SecretKind } from '../../../src-shared/library.ts'
import type {
  LocalAuthentication,
  Profile,
  RemoteAuthentication,
  SecretReference,
} from '../../../src-shared/profile.ts'
import type { Draft, SecretDraft, SecretField } from './draft.ts'
import { everyNetwork } from './draft.ts'
import { certificateWithinTls, isWithinTls, passwordWithinTls } from './draft-eap.ts'
import { readCount, readDuration, readList, readSize } from './quantities.ts'

/**
 * The profile that was typed; it may be wrong in any field, which `checkProfile` tells. What the editor does not show stays as
 * it is in `base`.
 */
export function profileOf(draft: Draft, base: Profile): Profile {
  const localIdentity = draft.localIdentity.trim()
  const remoteIdentity = draft.remoteIdentity.trim()
  const mtu = readCount(draft.mtu)
  const childBytes = readSize(draft.childBytes)
  const childPackets = readCount(draft.childPackets)
  const { mtu: _mtu, ...rest } = base
  const { identity: _local, then, ...local } = base.local
  return {
    ...rest,
    name: draft.name.trim(),
    ikeVersion: draft.ikeVersion === '1' ? 1 : 2,
    ikev1: { ...base.ikev1, mode: draft.mode },
    gateway: { ...base.gateway, address: draft.address.trim(), port: readCount(draft.port) ?? 500 },
    local: {
      ...local,
      authentication: localAuthentication(draft, base.local.authentication),
      ...(localIdentity === '' ? {} : { identity: localIdentity }),
      // A second round stands behind a first that is not EAP.
      ...(then === undefined || draft.method === 'eap' || isWithinTls(draft) ? {} : { then }),
    },
    remote: {
      authentication: remoteAuthentication(draft),
      ...(draft.eapOnly && isWithinTls(draft) ? { eapOnly: true } : {}),
      ...(remoteIdentity === '' ? {} : { identity: remoteIdentity }),
    },
    proposals: { ike: [...draft.ike], esp: [...draft.esp] },
    traffic: {
      remote: draft.everything ? [...everyNetwork] : [...readList(draft.networks)],
      local: [...readList(draft.localNetworks)],
    },
    virtualAddress: { ipv4: draft.ipv4, ipv6: draft.ipv6 },
    dns: { servers: [...readList(draft.dnsServers)], domains: [...readList(draft.dnsDomains)] },
    lifetimes: {
      ikeSeconds: readDuration(draft.ikeLifetime) ?? 14_400,
      childSeconds: readDuration(draft.childLifetime) ?? 3600,
      ...(childBytes === undefined ? {} : { childBytes }),
      ...(childPackets === undefined ? {} : { childPackets }),
    },
    livenessSeconds: readDuration(draft.liveness) ?? 30,
    natKeepaliveSeconds: readDuration(draft.natKeepalive) ?? 20,
    forceEncapsulation: draft.forceEncapsulation,
    fragmentation: draft.fragmentation,
    replayWindow: readCount(draft.replayWindow) ?? 64,
    reconnect: draft.reconnect,
    ...(mtu === undefined ? {} : { mtu }),
  }
}

function localAuthentication(draft: Draft, before: LocalAuthentication): LocalAuthentication {
  const { secrets } = draft
  switch (draft.method) {
    case 'psk':
      return { method: 'psk', secret: referenceOf(secrets.psk) }
    case 'certificate': {
      const { eap, ...kept } = before.method === 'certificate' ? before : {}
      return {
        ...kept,
        ...certificateWithinTls(draft, eap?.server),
        method: 'certificate',
        // A kept one brings its certificates itself.
        certificates: draft.keptCertificate === '' ? [...draft.certificates] : [],
        key:
          draft.keptCertificate === ''
            ? referenceOf(secrets.key)
            : { from: 'store', id: keptCertificateName(draft.keptCertificate) },
        keyPassword: referenceOf(secrets.keyPassword),
      }
    }
    case 'eap':
      return {
        method: 'eap',
        username: draft.username.trim(),
        password: referenceOf(secrets.password),
        ...passwordWithinTls(draft, [...draft.allow], before.method === 'eap' ? before : undefined),
      }
  }
}

function remoteAuthentication(draft: Draft): RemoteAuthentication {
  switch (draft.remoteMethod) {
    case 'psk':
      return { method: 'psk', secret: referenceOf(draft.secrets.gatewayPsk) }
    case 'certificate': {
      const pin = draft.pin.trim()
      return {
        method: 'certificate',
        authorities: [...draft.authorities],
        ...(pin === '' ? {} : { pin }),
        ...(draft.revocation === 'when-reachable' ? {} : { revocation: draft.revocation }),
      }
    }
  }
}

/** Where the secret is. A newly typed one is put where it is safe, and its reference written, when the profile is saved. */
function referenceOf(secret: SecretDraft): SecretReference {
  switch (secret.place) {
    case 'ask':
      return { from: 'prompt' }
    case 'file':
      return { from: 'file', path: secret.path.trim() }
    case 'keep':
      return secret.kept ?? { from: 'prompt' }
  }
}

/** The secrets that the chosen methods need, by field. */
export const neededSecrets = (draft: Draft): readonly SecretField[] => [
  ...ours[draft.method],
  ...(draft.remoteMethod === 'psk' ? (['gatewayPsk'] as const) : []),
]

const ours = {
  psk: ['psk'],
  eap: ['password'],
  certificate: ['key', 'keyPassword'],
} as const satisfies Record<Draft['method'], readonly SecretField[]>

const kinds: Readonly<Record<SecretField, SecretKind>> = {
  psk: 'psk',
  password: 'password',
  key: 'key',
  keyPassword: 'key-password',
  gatewayPsk: 'gateway-psk',
}

/** What was typed to be kept. */
export const typedSecrets = (
  draft: Draft,
): readonly { readonly kind: SecretKind; readonly secret: string }[] =>
  neededSecrets(draft)
    .filter((field) => field !== 'key' || draft.keptCertificate === '')
    .filter((field) => draft.secrets[field].place === 'keep' && draft.secrets[field].typed !== '')
    .map((field) => ({ kind: kinds[field], secret: draft.secrets[field].typed }))
