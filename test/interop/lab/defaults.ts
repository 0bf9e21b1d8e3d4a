/** What a scenario is where it says nothing, and its translation into strongSwan's words. */
import { radiusSecret } from './freeradius.ts'
import { addresses } from './network.ts'
import type { Pki } from './pki.ts'
import { gatewayName } from './programs.ts'
import type { ClientSide, Credential, GatewaySide, Scenario } from './scenario.ts'
import type { Settings, StrongswanConfiguration } from './strongswan.ts'

export const sharedSecret = 'a pre-shared key of the lab, 2f9c41d07be8'
export const userPassword = 'correct horse battery staple'
export const userName = 'user@example.test'
export const psk: Credential & { method: 'psk' } = { method: 'psk', secret: sharedSecret }

export const gatewayOf = (scenario: Scenario): GatewaySide => ({
  identity: gatewayName,
  proves: psk,
  asks: psk,
  ike: ['aes256gcm16-prfsha384-x25519'],
  esp: ['aes256gcm16'],
  pools: ['ipv4', 'ipv6'],
  networks: [addresses.officeNetwork.ipv4, addresses.officeNetwork.ipv6],
  culvert: {},
  charon: {},
  connection: {},
  child: {},
  ...scenario.gateway,
})

export const clientOf = (scenario: Scenario): ClientSide => {
  const gateway = gatewayOf(scenario)
  const relayed = scenario.path?.relay !== undefined
  return {
    address: relayed ? addresses.router.ipv4 : addresses.gateway.ipv4,
    identity: gateway.asks.method === 'psk' ? userName : undefined,
    proves: gateway.asks,
    trusts: gateway.proves.method === 'psk' ? gateway.proves : { method: 'certificate', authority: 'root' },
    gatewayIdentity: gatewayName,
    ike: gateway.ike,
    esp: gateway.esp,
    virtual: { ipv4: gateway.pools.includes('ipv4'), ipv6: gateway.pools.includes('ipv6') },
    remote: gateway.networks,
    profile: {},
    charon: {},
    connection: {},
    child: {},
    ...scenario.client,
  }
}

const poolSettings: Readonly<Record<'ipv4' | 'ipv6', Settings>> = {
  ipv4: { addrs: addresses.pool.ipv4, dns: [addresses.office.ipv4] },
  ipv6: { addrs: addresses.pool.ipv6, dns: [addresses.office.ipv6] },
}

const authentication = (credential: Credential, own: boolean): Settings => {
  switch (credential.method) {
    case 'psk':
      return { auth: 'psk' }
    case 'certificate':
      return own ? { auth: 'pubkey', certs: ['own.pem'] } : { auth: 'pubkey', cacerts: ['root.pem'] }
    case 'eap':
      return { auth: `eap-${credential.eap}`, eap_id: own ? credential.username : '%any' }
    case 'eap-tls':
      return own
        ? { auth: 'eap-tls', certs: ['own.pem'] }
        : { auth: 'eap-tls', eap_id: '%any', cacerts: ['root.pem'] }
  }
}

const secretOf = (...credentials: readonly Credential[]): Settings => {
  const secrets: Record<string, Settings> = {}
  for (const credential of credentials) {
    if (credential.method === 'psk') secrets['ike'] = { secret: credential.secret }
    if (credential.method === 'eap') secrets['eap'] = { id: credential.username, secret: credential.password }
  }
  return secrets
}

const ownFiles = async (pki: Pki, credential: Credential): Promise<Record<string, string>> => {
  if (credential.method !== 'certificate' && credential.method !== 'eap-tls') return {}
  const issued = await pki.get(credential.certificate)
  const files: Record<string, string> = { 'x509/own.pem': issued.pem, 'private/own.pem': issued.keyPem }
  // strongSwan takes what it sends along from the authorities it knows.
  issued.intermediates.forEach((one, index) => (files[`x509ca/intermediate-${index}.pem`] = one.pem))
  return files
}

/** A proposal list as swanctl wants it. */
const proposals = (list: readonly string[]): readonly string[] => (list.length === 0 ? ['default'] : list)

export const gatewayConfiguration = async (
  scenario: Scenario,
  pki: Pki,
): Promise<StrongswanConfiguration> => {
  const side = gatewayOf(scenario)
  const certificates = side.proves.method === 'certificate' || side.asks.method !== 'psk'
  const radius = { 'eap-radius': { servers: { lab: { address: '127.0.0.1', secret: radiusSecret } } } }
  return {
    charon: side.radius === undefined ? side.charon : { plugins: radius, ...side.charon },
    files: {
      ...(certificates ? { 'x509ca/root.pem': (await pki.get('root')).pem } : {}),
      ...(await ownFiles(pki, side.proves)),
    },
    swanctl: {
      connections: {
        lab: {
          version: 2,
          local_addrs: [addresses.gateway.ipv4, addresses.gateway.ipv6],
          remote_addrs: '%any',
          proposals: proposals(side.ike),
          pools: side.pools,
          send_cert: 'always',
          mobike: false,
          rekey_time: 0,
          dpd_delay: 0,
          local: { ...authentication(side.proves, true), id: side.identity },
          remote: {
            ...(side.radius === undefined
              ? authentication(side.asks, false)
              : { auth: 'eap-radius', eap_id: '%any' }),
            id: '%any',
          },
          children: {
            office: {
              local_ts: side.networks,
              // Without a pool the client's own address is what the tunnel carries.
              remote_ts: side.pools.length === 0 ? [`${addresses.client.ipv4}/32`] : ['dynamic'],
              esp_proposals: proposals(side.esp),
              rekey_time: 0,
              ...side.child,
            },
          },
          ...side.connection,
        },
      },
      pools: Object.fromEntries(side.pools.map((family) => [family, poolSettings[family]])),
      secrets: secretOf(side.proves, side.asks, ...(side.users ?? [])),
    },
  }
}

/** strongSwan as the client of the same scenario. */
export const strongswanClientConfiguration = async (
  scenario: Scenario,
  pki: Pki,
): Promise<StrongswanConfiguration> => {
  const side = clientOf(scenario)
  const authority = side.trusts.method === 'certificate' ? await pki.get(side.trusts.authority) : undefined
  const vips = [...(side.virtual.ipv4 ? ['0.0.0.0'] : []), ...(side.virtual.ipv6 ? ['::'] : [])]
  return {
    charon: side.charon,
    files: {
      ...(authority === undefined ? {} : { 'x509ca/root.pem': authority.pem }),
      ...(await ownFiles(pki, side.proves)),
    },
    swanctl: {
      connections: {
        lab: {
          version: 2,
          remote_addrs: side.address,
          proposals: proposals(side.ike),
          ...(vips.length === 0 ? {} : { vips }),
          mobike: false,
          rekey_time: 0,
          local: {
            ...authentication(side.proves, true),
            ...(side.identity === undefined
              ? side.proves.method === 'certificate' || side.proves.method === 'eap-tls'
                ? { id: (await pki.get(side.proves.certificate)).commonName }
                : {}
              : { id: side.identity }),
          },
          remote: {
            ...(side.trusts.method === 'psk' ? { auth: 'psk' } : { auth: 'pubkey', cacerts: ['root.pem'] }),
            id: side.gatewayIdentity,
          },
          children: {
            office: {
              remote_ts: side.remote,
              esp_proposals: proposals(side.esp),
              rekey_time: 0,
              ...side.child,
            },
          },
          ...side.connection,
        },
      },
      // It has one pre-shared key for both directions; the user's counts.
      secrets: secretOf(...(side.trusts.method === 'psk' ? [side.trusts] : []), side.proves),
    },
  }
}
