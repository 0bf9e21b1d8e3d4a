/**
 * Windows' phonebook (`rasphone.pbk`): a section an entry, in it blocks that begin with `NETCOMPONENTS=`, `MEDIA=` and `DEVICE=`.
 * IKEv2 entries become connections; the others are named.
 */
import { profilesOf } from './description-to-profile.ts'
import type { Description, LocalProof } from './description.ts'
import type { ImportInput, Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import type { IniSection } from './ini.ts'
import { parseIni } from './ini.ts'
import type { KeyedValue, KeyedValues } from './keyed-values.ts'
import { keyedValues } from './keyed-values.ts'
import { onlyContainer } from './named-files.ts'
import { phonebookSuite, windowsProposals } from './windows-algorithms.ts'
import { windowsEap, windowsProof } from './windows-eap.ts'

export const phonebook: Importer = {
  format: "Windows' phonebook (rasphone.pbk)",
  recognises: ({ text }) => /^VpnStrategy=/m.test(text) || (/^DEVICE=/m.test(text) && /^MEDIA=/m.test(text)),
  read(input, { text }) {
    const problems = problemList()
    const descriptions = parseIni(text, problems).flatMap(
      (section) => readEntry(section, input, problems) ?? [],
    )
    return profilesOf(descriptions, 'phonebook', input, problems)
  },
}

/** The entry's own settings, and those of the block of its VPN device, where the gateway stands. */
function splitBlocks({ entries }: IniSection): {
  readonly own: readonly KeyedValue[]
  readonly device: readonly KeyedValue[]
} {
  const start = entries.findIndex(({ key }) =>
    ['NETCOMPONENTS', 'MEDIA', 'DEVICE'].includes(key.toUpperCase()),
  )
  const own = start < 0 ? entries : entries.slice(0, start)
  const at = entries.findIndex(
    ({ key, value }) => key.toUpperCase() === 'DEVICE' && /^vpn/i.test(value.trim()),
  )
  const device = entries.slice(at < 0 ? entries.length : at + 1)
  const end = device.findIndex(({ key }) => ['MEDIA', 'DEVICE'].includes(key.toUpperCase()))
  return { own, device: end < 0 ? device : device.slice(0, end) }
}

const strategies: Readonly<Record<string, string>> = {
  '1': 'PPTP',
  '2': 'PPTP',
  '3': 'L2TP',
  '4': 'L2TP',
  '5': 'SSTP',
  '6': 'SSTP, then others',
}

function readEntry(section: IniSection, input: ImportInput, problems: ProblemList): Description | undefined {
  const { own, device } = splitBlocks(section)
  const place = `[${section.name.slice(0, 60)}]`
  const entry = keyedValues(own, place, problems)
  const address = keyedValues(device, place, problems).text('PhoneNumber')
  const strategy = entry.text('VpnStrategy') ?? '0'
  if (own.length === 0) return undefined
  // 7: IKEv2 alone; 8 and 14: IKEv2 first; 0: Windows tries IKEv2 as well.
  if (!['7', '8', '14', '0'].includes(strategy)) {
    problems.add(
      'error',
      entry.where('VpnStrategy'),
      `The entry is a connection of the kind ${strategies[strategy] ?? `number ${strategy.slice(0, 6)}`}, which is not supported`,
      'Ask the administrator for an IKEv2 connection.',
    )
    return undefined
  }
  if (strategy !== '7') {
    problems.add(
      'warning',
      entry.where('VpnStrategy'),
      'Windows would try other kinds of VPN as well',
      'Only IKEv2 is tried; the gateway may not have it.',
    )
  }
  if (address === undefined) {
    problems.add('error', place, 'The gateway (PhoneNumber) is missing', 'Ask for a complete file.')
    return undefined
  }
  const local = readProof(entry, input, problems)
  if (local === undefined) return undefined
  const description: Description = {
    where: place,
    seeds: [],
    name: section.name,
    ike: { version: 2 },
    gateway: { address },
    local: { proof: local, where: entry.where('AuthRestrictions') },
    remote: { proof: { kind: 'certificate', authorities: [] } },
    proposals: readPolicy(entry, problems),
    dns: readDns(entry),
    fragmentation: entry.flag('Disable_IKEv2_Fragmentation') === true ? false : undefined,
  }
  tellOptions(entry, problems)
  tellRest(entry, problems)
  return description
}

/** AuthRestrictions: 2048 is the machine's certificate, 128 EAP of the type CustomAuthKey; else a password by MSCHAPv2. */
function readProof(entry: KeyedValues, input: ImportInput, problems: ProblemList): LocalProof | undefined {
  const restrictions = entry.integer('AuthRestrictions', 0, 0x7fffffff) ?? 0
  const number = entry.integer('CustomAuthKey', -1, 0x7fffffff)
  entry.skip('CustomAuthData', 'UseRasCredentials')
  if ((restrictions & 2048) !== 0) return machineCertificate(entry, input, problems)
  if ((restrictions & 128) === 0) return { kind: 'eap', methods: ['mschapv2'] }
  const method = windowsEap(number)
  if (method !== undefined) return windowsProof(method, input)
  problems.add(
    'error',
    entry.where('CustomAuthKey'),
    `The EAP method ${number ?? 'of the entry'} is not supported`,
    'Ask the administrator for EAP-MSCHAPv2 or a certificate.',
  )
  return undefined
}

function machineCertificate(
  entry: KeyedValues,
  input: ImportInput,
  problems: ProblemList,
): LocalProof | undefined {
  const key = onlyContainer(input.files)
  if (key !== undefined) return { kind: 'certificate', certificates: [], key }
  problems.add(
    'error',
    entry.where('AuthRestrictions'),
    "The certificate and its key lie in Windows' own store",
    'Export them there as PKCS#12 (.pfx) and import a folder with that file and this one.',
  )
  return undefined
}

function readPolicy(entry: KeyedValues, problems: ProblemList): NonNullable<Description['proposals']> {
  const count = entry.integer('NumCustomPolicy', 0, 1) ?? 0
  const hex = entry.text('CustomIPSecPolicies')
  const where = entry.where('CustomIPSecPolicies')
  if (count === 0 || hex === undefined) return {}
  const suite = phonebookSuite(hex)
  if (suite === undefined) {
    problems.add(
      'warning',
      where,
      'The choice of algorithms cannot be read',
      'The recommended ones are offered. Ask the administrator what the gateway accepts.',
    )
    return {}
  }
  const { ike, esp } = windowsProposals(suite)
  return { ike: { where, value: [ike] }, esp: { where, value: [esp] } }
}

/** IpNameAssign 2: the servers of the entry instead of the gateway's. */
function readDns(entry: KeyedValues): Description['dns'] {
  const isOwn = entry.text('IpNameAssign') === '2'
  const isOwn6 = entry.text('Ipv6NameAssign') === '2'
  const ipv4 = ['IpDnsAddress', 'IpDns2Address'].map((key) => entry.text(key))
  const ipv6 = ['Ipv6DnsAddress', 'Ipv6Dns2Address'].map((key) => entry.text(key))
  const servers = [...(isOwn ? ipv4 : []), ...(isOwn6 ? ipv6 : [])].filter(
    (one) => one !== undefined && one !== '0.0.0.0' && one !== '::',
  )
  const suffix = entry.text('IpDnsSuffix')
  if (servers.length === 0 && suffix === undefined) return undefined
  return {
    servers: servers.filter((one) => one !== undefined),
    domains: suffix === undefined ? [] : [suffix],
  }
}

function tellOptions(entry: KeyedValues, problems: ProblemList): void {
  const split = ['IpPrioritizeRemote', 'Ipv6PrioritizeRemote'].filter((key) => entry.text(key) === '0')
  const [key] = split
  if (key !== undefined) {
    problems.add(
      'warning',
      entry.where(key),
      'Windows sends only some networks through the tunnel, and the file does not say which',
      'All traffic goes through it. Name the networks in the profile if you want less.',
    )
  }
  if (entry.flag('DisableIKENameEkuCheck') === true) {
    problems.add(
      'warning',
      entry.where('DisableIKENameEkuCheck'),
      'The entry does not look at the name in the gateway’s certificate',
      'Culvert does. Where the name is another, set remote.identity in the profile.',
    )
  }
  if (entry.text('DataEncryption') === '0') {
    problems.add(
      'warning',
      entry.where('DataEncryption'),
      'The entry permits no encryption',
      'Culvert always encrypts.',
    )
  }
  const scripts = ['CustomDialDll', 'CustomRasDialDll', 'CustomScript', 'PrerequisiteEntry']
  for (const name of scripts.filter((one) => entry.text(one) !== undefined)) {
    problems.add(
      'warning',
      entry.where(name),
      'Culvert starts no programs for a profile',
      'Ask the administrator what it is for.',
    )
  }
  for (const name of [
    'NumRoutes',
    'NumNrptRules',
    'NumAppIds',
    'NumClassicAppIds',
    'NumPerAppTrafficFilters',
    'NumTrustedNetworks',
  ]) {
    if ((entry.integer(name, 0, 10_000) ?? 0) > 0) {
      problems.add(
        'warning',
        entry.where(name),
        'These rules of Windows are not read',
        'Networks and DNS domains can be named in the profile.',
      )
    }
  }
}

/** A phonebook entry has some 150 keys that only Windows knows: they are named once. */
function tellRest(entry: KeyedValues, problems: ProblemList): void {
  const rest = entry.takeUnread()
  if (rest.length === 0) return
  const names = rest.slice(0, 200).join(', ').slice(0, 3000)
  problems.add('note', entry.where(), `These settings have no meaning here: ${names}`, 'Nothing to do.')
}
