/** Windows' ProfileXML (VPNv2 CSP). */
import { fail, ok } from '../../../src-shared/result.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import type { Exporter, LostField } from './exporter.ts'
import type { OptionalField } from './lost-fields.ts'
import { lostFields, lostSecrets } from './lost-fields.ts'
import { windowsSuite } from './windows-suite.ts'
import { element } from './xml-text.ts'

/** What Windows says for EAP-MSCHAPv2 with a password that is asked for. */
const mschapv2 = `        <Eap>
          <Configuration>
            <EapHostConfig xmlns="http://www.microsoft.com/provisioning/EapHostConfig">
              <EapMethod>
                <Type xmlns="http://www.microsoft.com/provisioning/EapCommon">26</Type>
                <VendorId xmlns="http://www.microsoft.com/provisioning/EapCommon">0</VendorId>
                <VendorType xmlns="http://www.microsoft.com/provisioning/EapCommon">0</VendorType>
                <AuthorId xmlns="http://www.microsoft.com/provisioning/EapCommon">0</AuthorId>
              </EapMethod>
              <Config xmlns="http://www.microsoft.com/provisioning/EapHostConfig">
                <Eap xmlns="http://www.microsoft.com/provisioning/BaseEapConnectionPropertiesV1">
                  <Type>26</Type>
                  <EapType xmlns="http://www.microsoft.com/provisioning/MsChapV2ConnectionPropertiesV1">
                    <UseWinLogonCredentials>false</UseWinLogonCredentials>
                  </EapType>
                </Eap>
              </Config>
            </EapHostConfig>
          </Configuration>
        </Eap>
`

export const profileXmlExport: Exporter = {
  label: 'Windows VPN profile (ProfileXML)',
  extension: '.xml',
  write(profile) {
    const { local, remote, gateway, traffic, dns } = profile
    const refusal = refusalOf(profile)
    if (refusal !== undefined) return fail(refusal)
    const kept = new Set<OptionalField>(['traffic.remote', 'fragmentation'])
    const lost: LostField[] = [...lostSecrets(profile)]
    const suite = windowsSuite(profile)
    if (suite !== undefined) {
      kept.add('proposals.ike')
      kept.add('proposals.esp')
    }
    if (remote.identity === gateway.address) kept.add('remote.identity')
    if (remote.authentication.method === 'certificate' && remote.authentication.authorities.length > 0) {
      lost.push({
        where: 'remote.authentication.authorities',
        problem: "The authority has to be in Windows' own store",
      })
    }
    if (local.authentication.method === 'eap') {
      lost.push({ where: 'local.authentication.username', problem: 'Windows asks for the user name' })
      kept.add('local.authentication.allow')
      if (local.authentication.allow.join() !== 'mschapv2') {
        lost.push({ where: 'local.authentication.allow', problem: 'Windows can do EAP-MSCHAPv2 alone' })
      }
    }
    if (dns.domains.length > 0) kept.add('dns.domains')
    // Servers stand with the domains that they are asked for.
    if (dns.servers.length > 0 && dns.domains.length > 0) kept.add('dns.servers')
    const split = traffic.remote.join() !== '0.0.0.0/0,::/0'
    lost.push(...lostFields(profile, kept))
    const text = [
      '<VPNProfile>\n',
      element('  ', 'ProfileName', profile.name),
      '  <NativeProfile>\n',
      element('    ', 'Servers', gateway.address),
      element('    ', 'RoutingPolicyType', split ? 'SplitTunnel' : 'ForceTunnel'),
      element('    ', 'NativeProtocolType', 'IKEv2'),
      profile.fragmentation ? '' : element('    ', 'DisableIKEv2Fragmentation', 'true'),
      '    <Authentication>\n',
      local.authentication.method === 'eap'
        ? `${element('      ', 'UserMethod', 'Eap')}${mschapv2.replaceAll(/^ {2}/gm, '')}`
        : element('      ', 'MachineMethod', 'Certificate'),
      '    </Authentication>\n',
      suite === undefined
        ? ''
        : `    <CryptographySuite>\n${Object.entries(suite)
            .map(([name, value]) => element('      ', name, String(value)))
            .join('')}    </CryptographySuite>\n`,
      '  </NativeProfile>\n',
      ...(split ? traffic.remote.map(route) : []),
      ...dns.domains.map((domain) => rule(domain, dns.servers)),
      '</VPNProfile>\n',
    ]
    return ok({ text: text.join(''), beside: [], lost })
  },
}

function refusalOf({ local, remote, gateway }: Profile): string | undefined {
  const { authentication } = local
  if (authentication.method === 'psk' || remote.authentication.method === 'psk') {
    return 'Windows has no pre-shared keys for IKEv2'
  }
  if (authentication.method === 'eap' && !authentication.allow.includes('mschapv2')) {
    return 'Only EAP-MSCHAPv2 is written for Windows'
  }
  if (authentication.method === 'certificate' && authentication.eap !== undefined)
    return 'EAP-TLS is not written for Windows: its settings name certificates of its own store'
  return gateway.port === 500 ? undefined : 'Windows calls port 500 alone'
}

function route(prefix: string): string {
  const [address = '', length = ''] = prefix.split('/')
  return `  <Route>\n${element('    ', 'Address', address)}${element('    ', 'PrefixSize', length)}  </Route>\n`
}

/** A leading dot stands for the domain and all names below it. */
const rule = (domain: string, servers: readonly string[]): string =>
  `  <DomainNameInformation>\n${element('    ', 'DomainName', `.${domain.replace(/^[.~]+/, '')}`)}${
    servers.length === 0 ? '' : element('    ', 'DnsServers', servers.join(','))
  }  </DomainNameInformation>\n`
