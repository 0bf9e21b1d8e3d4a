/** NetworkManager's keyfiles (`.nmconnection`) of the VPN plugins strongswan, libreswan and vpnc. */
import { profilesOf } from './description-to-profile.ts'
import type { Description } from './description.ts'
import type { ImportInput, Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import { parseIni } from './ini.ts'
import type { KeyedValues } from './keyed-values.ts'
import { keyedValues } from './keyed-values.ts'
import type { KeyfileReading } from './networkmanager-keyfile.ts'
import { keyfileText } from './networkmanager-keyfile.ts'
import { libreswanConnection } from './networkmanager-libreswan.ts'
import { strongswanConnection } from './networkmanager-strongswan.ts'
import { vpncConnection } from './networkmanager-vpnc.ts'

const SERVICE = 'org.freedesktop.NetworkManager.'

const plugins: Readonly<Record<string, (reading: KeyfileReading) => Description | undefined>> = {
  strongswan: strongswanConnection,
  libreswan: libreswanConnection,
  // The plugin's name before libreswan had its own.
  openswan: libreswanConnection,
  vpnc: vpncConnection,
}

export const networkmanager: Importer = {
  format: 'NetworkManager connection (.nmconnection)',
  recognises: ({ text }) => /^\s*\[connection\]\s*$/m.test(text),
  read(input, { text }) {
    const problems = problemList()
    const reading = readSections(text, input, problems)
    const description = describe(reading)
    for (const part of [reading.vpn, reading.secrets]) part.reportUnread({})
    tellIp(reading.ipv4, problems)
    tellIp(reading.ipv6, problems)
    return profilesOf(description === undefined ? [] : [description], 'networkmanager', input, problems)
  },
}

function readSections(text: string, input: ImportInput, problems: ProblemList): KeyfileReading {
  const sections = parseIni(text, problems)
  const section = (name: string): KeyedValues => {
    const entries = sections.filter((one) => one.name === name).flatMap((one) => one.entries)
    const unescaped = entries.map(({ key, value, line }) => ({ key, value: keyfileText(value), line }))
    return keyedValues(unescaped, `[${name}]`, problems)
  }
  const connection = section('connection')
  for (const key of connection.keys) {
    if (/script|dispatcher/i.test(key)) {
      problems.add(
        'warning',
        connection.where(key),
        'Culvert never runs scripts from a profile',
        'It is ignored.',
      )
    }
  }
  return {
    name: connection.text('id') ?? '',
    uuid: connection.text('uuid'),
    vpn: section('vpn'),
    secrets: section('vpn-secrets'),
    ipv4: section('ipv4'),
    ipv6: section('ipv6'),
    input,
    problems,
  }
}

function describe(reading: KeyfileReading): Description | undefined {
  const { vpn, problems } = reading
  const service = vpn.text('service-type')
  const plugin = service?.startsWith(SERVICE) === true ? service.slice(SERVICE.length) : service
  const read = plugin !== undefined && Object.hasOwn(plugins, plugin) ? plugins[plugin] : undefined
  if (read !== undefined) return read(reading)
  problems.add(
    'error',
    plugin === undefined ? '[vpn]' : vpn.where('service-type'),
    plugin === undefined
      ? 'This connection is no VPN'
      : `This is a VPN of the kind ${plugin.slice(0, 40)}, which is not IPsec with IKE`,
    'Culvert imports those of the plugins strongswan, libreswan and vpnc.',
  )
  vpn.takeUnread()
  reading.secrets.takeUnread()
  return undefined
}

/** What [ipv4] and [ipv6] say beside DNS, which the plugins' readers take. */
function tellIp(ip: KeyedValues, problems: ProblemList): void {
  if (ip.flag('never-default') === true) {
    problems.add(
      'warning',
      ip.where('never-default'),
      'Which networks go through the tunnel, the profile says itself',
      'Name them in the profile if not all traffic is to go there.',
    )
  }
  for (const key of ip.keys.filter((name) => /^(?:route|address)\d+$/i.test(name))) {
    problems.add(
      'warning',
      ip.where(key),
      'Routes and addresses of your own are not supported',
      'It is ignored.',
    )
    ip.skip(key)
  }
  ip.skip(
    'method',
    'dns',
    'dns-search',
    'addr-gen-mode',
    'ip6-privacy',
    'may-fail',
    'ignore-auto-dns',
    'dns-priority',
  )
  ip.reportUnread({})
}
