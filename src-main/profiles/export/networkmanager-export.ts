/** NetworkManager's keyfile for its plugin strongswan. */
import { fail, ok } from '../../../src-shared/result.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import { toStrongswanIdentity } from '../strongswan-identity.ts'
import type { ExportedFile, Exporter, LostField } from './exporter.ts'
import { fileStem } from './file-stem.ts'
import type { OptionalField } from './lost-fields.ts'
import { lostFields, lostSecrets } from './lost-fields.ts'

export const networkmanagerExport: Exporter = {
  label: 'NetworkManager connection (.nmconnection)',
  extension: '.nmconnection',
  write(profile) {
    const { local, remote, gateway, proposals, traffic, virtualAddress, dns } = profile
    if (remote.authentication.method === 'psk' && local.authentication.method !== 'psk') {
      return fail('the plugin strongswan has no password behind a pre-shared key')
    }
    const stem = fileStem(profile.name)
    const beside: ExportedFile[] = []
    const lost: LostField[] = [...lostSecrets(profile)]
    const kept = new Set<OptionalField>([
      'gateway.port',
      'local.identity',
      'remote.identity',
      'forceEncapsulation',
    ])
    for (const field of [
      'proposals.ike',
      'proposals.esp',
      'traffic.remote',
      'traffic.local',
      'dns.domains',
    ] as const) {
      kept.add(field)
    }
    const vpn = new Map<string, string>([['address', gateway.address]])
    if (gateway.port !== 500) vpn.set('server-port', String(gateway.port))
    addLocal(profile, stem, vpn, beside)
    addRemote(profile, stem, vpn, beside)
    if (local.identity !== undefined) vpn.set('local-identity', toStrongswanIdentity(local.identity))
    if (remote.identity !== undefined) vpn.set('remote-identity', toStrongswanIdentity(remote.identity))
    // The plugin asks for both addresses or for none.
    if (virtualAddress.ipv4 === virtualAddress.ipv6) kept.add('virtualAddress')
    vpn.set('virtual', virtualAddress.ipv4 || virtualAddress.ipv6 ? 'yes' : 'no')
    vpn.set('encap', profile.forceEncapsulation ? 'yes' : 'no')
    vpn.set('ipcomp', 'no')
    const custom = proposals.ike.length + proposals.esp.length > 0
    vpn.set('proposal', custom ? 'yes' : 'no')
    if (proposals.ike.length > 0) vpn.set('ike', proposals.ike.join(';'))
    if (proposals.esp.length > 0) vpn.set('esp', proposals.esp.join(';'))
    if (traffic.remote.join() !== '0.0.0.0/0,::/0') vpn.set('remote-ts', traffic.remote.join(';'))
    if (traffic.local.length > 0) vpn.set('local-ts', traffic.local.join(';'))
    vpn.set('service-type', 'org.freedesktop.NetworkManager.strongswan')
    kept.add('dns.servers')
    const ipv4 = new Map([['method', 'auto']])
    const ipv6 = new Map([['method', 'auto']])
    const servers = (mark: string) => dns.servers.filter((server) => server.includes(':') === (mark === ':'))
    if (servers('.').length > 0) ipv4.set('dns', `${servers('.').join(';')};`)
    if (servers(':').length > 0) ipv6.set('dns', `${servers(':').join(';')};`)
    if (dns.domains.length > 0) ipv4.set('dns-search', `${dns.domains.join(';')};`)
    const connection = new Map([
      ['id', profile.name],
      ['uuid', profile.id],
      ['type', 'vpn'],
      ['autoconnect', 'false'],
    ])
    const text = [
      section('connection', connection),
      section('vpn', vpn),
      section('ipv4', ipv4),
      section('ipv6', ipv6),
    ]
    lost.push(...lostFields(profile, kept))
    return ok({ text: text.join('\n'), beside, lost })
  },
}

function addLocal(profile: Profile, stem: string, vpn: Map<string, string>, beside: ExportedFile[]): void {
  const { authentication } = profile.local
  switch (authentication.method) {
    case 'psk':
      vpn.set('method', 'psk')
      // 2: not saved, asked for.
      vpn.set('password-flags', '2')
      return
    case 'eap':
      vpn.set('method', 'eap')
      vpn.set('user', authentication.username)
      vpn.set('password-flags', '2')
      return
    case 'certificate':
      // A name of one's own, or of the server, has no place there.
      vpn.set('method', authentication.eap === undefined ? 'cert' : 'eap-tls')
      vpn.set('cert-source', 'file')
      vpn.set('userkey', `${stem}.key`)
      vpn.set('usercert', `${stem}.pem`)
      if (authentication.certificates.length > 0) {
        beside.push({ name: `${stem}.pem`, text: authentication.certificates.join('') })
      }
  }
}

function addRemote(profile: Profile, stem: string, vpn: Map<string, string>, beside: ExportedFile[]): void {
  const { authentication } = profile.remote
  if (authentication.method === 'psk' || authentication.authorities.length === 0) return
  vpn.set('certificate', `${stem}-ca.pem`)
  beside.push({ name: `${stem}-ca.pem`, text: authentication.authorities.join('') })
}

const section = (name: string, values: ReadonlyMap<string, string>): string =>
  `[${name}]\n${[...values].map(([key, value]) => `${key}=${escaped(value)}\n`).join('')}`

/** GKeyFile: a space at the start and backslashes are escaped. */
const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replace(/^ /, '\\s')
