/** PowerShell that makes the connection on Windows: text to read and run, nothing is run here. */
import { fail, ok } from '../../../src-shared/result.ts'
import type { Exporter } from './exporter.ts'
import type { OptionalField } from './lost-fields.ts'
import { lostFields, lostSecrets } from './lost-fields.ts'
import { profileXmlExport } from './profile-xml-export.ts'
import { windowsSuite } from './windows-suite.ts'

/** A single-quoted string: nothing in it is expanded; PowerShell takes typographic quotes for quotes as well. */
const quoted = (text: string): string => `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`

export const powershellExport: Exporter = {
  label: 'PowerShell (Add-VpnConnection)',
  extension: '.ps1',
  write(profile) {
    const possible = profileXmlExport.write(profile)
    if (!possible.ok) return fail(possible.error)
    const { local, remote, gateway, traffic, dns } = profile
    const suite = windowsSuite(profile)
    const split = traffic.remote.join() !== '0.0.0.0/0,::/0'
    const [suffix] = dns.domains
    const kept = new Set<OptionalField>(['traffic.remote'])
    if (suite !== undefined) {
      kept.add('proposals.ike')
      kept.add('proposals.esp')
    }
    if (dns.domains.length === 1) kept.add('dns.domains')
    if (remote.identity === gateway.address) kept.add('remote.identity')
    const name = quoted(profile.name)
    const lines = [
      `Add-VpnConnection -Name ${name} -ServerAddress ${quoted(gateway.address)} -TunnelType Ikev2 -AuthenticationMethod ${
        local.authentication.method === 'eap' ? 'Eap' : 'MachineCertificate'
      } -EncryptionLevel Required${split ? ' -SplitTunneling' : ''}${suffix === undefined ? '' : ` -DnsSuffix ${quoted(suffix)}`} -PassThru`,
      ...(suite === undefined
        ? []
        : [
            `Set-VpnConnectionIPsecConfiguration -ConnectionName ${name} ${Object.entries(suite)
              .map(([parameter, value]) => `-${parameter} ${String(value)}`)
              .join(' ')} -Force`,
          ]),
      ...(split
        ? traffic.remote.map(
            (prefix) => `Add-VpnConnectionRoute -ConnectionName ${name} -DestinationPrefix ${quoted(prefix)}`,
          )
        : []),
    ]
    const lost = [
      ...possible.value.lost.filter(({ where }) => where.startsWith('remote.authentication.authorities')),
      ...lostSecrets(profile),
    ]
    return ok({
      text: `${lines.join('\r\n')}\r\n`,
      beside: [],
      lost: [...lost, ...lostFields(profile, kept)],
    })
  },
}
