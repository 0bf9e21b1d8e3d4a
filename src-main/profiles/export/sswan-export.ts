/** strongSwan's profile for Android (`.sswan`). */
import { X509Certificate } from 'node:crypto'
import { fail, ok } from '../../../src-shared/result.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import { toStrongswanIdentity } from '../strongswan-identity.ts'
import type { Exporter, LostField } from './exporter.ts'
import type { OptionalField } from './lost-fields.ts'
import { lostFields, lostSecrets } from './lost-fields.ts'

export const sswanExport: Exporter = {
  label: 'strongSwan profile (.sswan)',
  extension: '.sswan',
  write(profile) {
    const { local, remote, gateway } = profile
    if (local.authentication.method === 'psk' || remote.authentication.method === 'psk') {
      return fail('.sswan has no pre-shared keys')
    }
    const kept = new Set<OptionalField>([
      ...(['gateway.port', 'local.identity', 'remote.identity', 'dns.servers'] as const),
      'remote.authentication.revocation',
    ])
    const { authorities } = remote.authentication
    const [authority] = authorities
    const options = optionsOf(profile, kept)
    const file = {
      uuid: profile.id,
      name: profile.name,
      type: typeOf(local),
      remote: {
        addr: gateway.address,
        ...(gateway.port === 500 ? {} : { port: gateway.port }),
        ...(remote.identity === undefined ? {} : { id: toStrongswanIdentity(remote.identity) }),
        ...revocationOf(remote.authentication.revocation),
        ...(authority === undefined ? {} : { cert: new X509Certificate(authority).raw.toString('base64') }),
      },
      local: {
        ...(local.identity === undefined ? {} : { id: toStrongswanIdentity(local.identity) }),
        ...eapIdOf(local),
      },
      ...options,
    }
    const lost: LostField[] = [...lostSecrets(profile), ...lostFields(profile, kept)]
    if (authorities.length > 1) {
      lost.push({
        where: 'remote.authentication.authorities',
        problem: 'Only the first certificate has a place',
      })
    }
    return ok({ text: `${JSON.stringify(file, null, 2)}\n`, beside: [], lost })
  },
}

const revocationOf = (revocation: 'strict' | 'when-reachable' | 'off' | undefined): object => {
  if (revocation === 'strict') return { revocation: { strict: true } }
  return revocation === 'off' ? { revocation: { crl: false, ocsp: false } } : {}
}

function typeOf({ authentication, then }: Profile['local']): string {
  if (authentication.method === 'eap') return 'ikev2-eap'
  if (authentication.method === 'certificate' && authentication.eap !== undefined) return 'ikev2-eap-tls'
  return then === undefined ? 'ikev2-cert' : 'ikev2-cert-eap'
}

function eapIdOf({ authentication, then }: Profile['local']): { readonly eap_id?: string } {
  const password = authentication.method === 'eap' ? authentication : then?.authentication
  const name =
    authentication.method === 'certificate' && authentication.eap !== undefined
      ? authentication.eap.identity
      : password?.username
  return name === undefined ? {} : { eap_id: name }
}

function optionsOf(profile: Profile, kept: Set<OptionalField>): object {
  const { proposals, dns, mtu, natKeepaliveSeconds, traffic } = profile
  const options: Record<string, unknown> = {}
  const [ike] = proposals.ike
  const [esp] = proposals.esp
  if (proposals.ike.length === 1) kept.add('proposals.ike')
  if (proposals.esp.length === 1) kept.add('proposals.esp')
  if (ike !== undefined) options['ike-proposal'] = ike
  if (esp !== undefined) options['esp-proposal'] = esp
  if (dns.servers.length > 0) options['dns-servers'] = dns.servers
  if (mtu !== undefined && mtu <= 1500) {
    options['mtu'] = mtu
    kept.add('mtu')
  }
  if (natKeepaliveSeconds >= 10 && natKeepaliveSeconds <= 120) {
    if (natKeepaliveSeconds !== 20) options['nat-keepalive'] = natKeepaliveSeconds
    kept.add('natKeepaliveSeconds')
  }
  if (traffic.remote.join() !== '0.0.0.0/0,::/0') options['split-tunneling'] = { subnets: traffic.remote }
  kept.add('traffic.remote')
  return options
}
