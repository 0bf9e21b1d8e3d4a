/** Windows' ProfileXML (VPNv2 CSP), as administrators roll out Always On VPN. */
import { profilesOf } from './description-to-profile.ts'
import type { Description, LocalProof } from './description.ts'
import type { ImportInput, Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import { affirmative } from './keyed-values.ts'
import { onlyContainer } from './named-files.ts'
import { networksIn } from './networks.ts'
import { tellProfileXml } from './profile-xml-unfollowed.ts'
import { windowsProposals } from './windows-algorithms.ts'
import { windowsEap, windowsProof } from './windows-eap.ts'
import type { XmlElement } from './xml.ts'
import { childOf, childrenOf, descendant, everywhere } from './xml.ts'

export const profileXml: Importer = {
  format: 'Windows VPN profile (ProfileXML)',
  recognises: ({ xml }) => xml?.name === 'VPNProfile',
  read(input, { xml }) {
    const problems = problemList()
    const description = xml === undefined ? undefined : describe(xml, input, problems)
    return profilesOf(description === undefined ? [] : [description], 'profilexml', input, problems)
  },
}

const textAt = (element: XmlElement | undefined, ...path: readonly string[]): string | undefined => {
  const text = descendant(element, ...path)?.text.trim()
  return text === undefined || text === '' ? undefined : text
}

const placeOf = (element: XmlElement | undefined, name: string): string =>
  element === undefined ? name : `${element.name} (line ${element.line})`

function describe(root: XmlElement, input: ImportInput, problems: ProblemList): Description | undefined {
  const native = childOf(root, 'NativeProfile')
  if (native === undefined) {
    const where = placeOf(childOf(root, 'PluginProfile'), 'NativeProfile')
    const advice = 'Ask the administrator for an IKEv2 connection.'
    problems.add('error', where, 'The connection needs the program of a vendor', advice)
    return undefined
  }
  const [address, ...others] = (textAt(native, 'Servers') ?? '').split(/[;,]/).map((one) => one.trim())
  if (address === undefined || address === '') {
    problems.add(
      'error',
      placeOf(native, 'NativeProfile'),
      'The gateway (Servers) is missing',
      'Ask for a complete file.',
    )
    return undefined
  }
  if (others.some((other) => other !== '' && other !== address)) {
    problems.add(
      'warning',
      placeOf(childOf(native, 'Servers'), 'Servers'),
      `Only the first gateway, ${address.slice(0, 100)}, is used`,
      'Import the file again with another one first to use that.',
    )
  }
  if (!isIkev2(native, problems)) return undefined
  const proof = readProof(native, input, problems)
  if (proof === undefined) return undefined
  tellProfileXml(root, problems)
  return {
    where: 'VPNProfile',
    seeds: [],
    name: textAt(root, 'ProfileName') ?? input.name.replace(/\.xml$/i, ''),
    ike: { version: 2 },
    gateway: { address },
    local: { proof, where: placeOf(childOf(native, 'Authentication'), 'Authentication') },
    remote: { proof: { kind: 'certificate', authorities: [] } },
    proposals: readSuite(native),
    traffic: readRoutes(root, native, problems),
    dns: readDns(root),
    fragmentation:
      affirmative(textAt(native, 'DisableIKEv2Fragmentation') ?? '') === true ? false : undefined,
  }
}

function isIkev2(native: XmlElement, problems: ProblemList): boolean {
  const type = childOf(native, 'NativeProtocolType')
  const list = everywhere(native, 'Type').map(({ text }) => text.trim().toLowerCase())
  const name = type?.text.trim().toLowerCase() ?? ''
  if (name === 'ikev2') return true
  const isMaybe = ['automatic', ''].includes(name) || (name === 'protocollist' && list.includes('ikev2'))
  problems.add(
    isMaybe ? 'warning' : 'error',
    placeOf(type, 'NativeProtocolType'),
    isMaybe
      ? 'Windows would try other kinds of VPN as well'
      : `The connection is of the kind ${name.slice(0, 40)}, which is not supported`,
    isMaybe
      ? 'Only IKEv2 is tried; the gateway may not have it.'
      : 'Ask the administrator for an IKEv2 connection.',
  )
  return isMaybe
}

function readProof(native: XmlElement, input: ImportInput, problems: ProblemList): LocalProof | undefined {
  const authentication = childOf(native, 'Authentication')
  const machine = textAt(authentication, 'MachineMethod')?.toLowerCase()
  const user = textAt(authentication, 'UserMethod')?.toLowerCase()
  if (user === undefined && machine !== undefined) {
    const key = onlyContainer(input.files)
    if (key !== undefined) return { kind: 'certificate', certificates: [], key }
    problems.add(
      'error',
      placeOf(childOf(authentication, 'MachineMethod'), 'MachineMethod'),
      "The certificate and its key lie in Windows' own store",
      'Export them there as PKCS#12 (.pfx) and import a folder with that file and this one.',
    )
    return undefined
  }
  if (user === 'mschapv2' || user === undefined) return { kind: 'eap', methods: ['mschapv2'] }
  const eap = childOf(authentication, 'Eap')
  const host = eap === undefined ? undefined : everywhere(eap, 'EapMethod')[0]
  const type = host === undefined ? undefined : textAt(host, 'Type')
  const method = windowsEap(type === undefined ? undefined : Number(type))
  const inner = eap === undefined ? [] : everywhere(eap, 'Type').map(({ text }) => text.trim())
  // PEAP with a certificate inside: EAP-TLS within TLS.
  const isNested = method === 'peap' && inner.includes('13')
  if (method !== undefined && !isNested)
    return { ...windowsProof(method, input), server: serverIn(eap, problems) }
  problems.add(
    'error',
    placeOf(host ?? authentication, 'Authentication'),
    `The EAP method ${type?.slice(0, 10) ?? 'of the profile'} is not supported`,
    'Ask the administrator for EAP-MSCHAPv2 or a certificate.',
  )
  return undefined
}

/** The name that Windows wants of the server of the log-in; it may be several, or a pattern, which a profile has no place for. */
function serverIn(eap: XmlElement | undefined, problems: ProblemList): string | undefined {
  const [names] = eap === undefined ? [] : everywhere(eap, 'ServerNames')
  const text = names?.text.trim() ?? ''
  if (text === '') return undefined
  if (/^[\w-]+(?:\.[\w-]+)+$/.test(text)) return text
  problems.add(
    'warning',
    placeOf(names, 'ServerNames'),
    'The server of the log-in may have several names',
    'Set its one name as "server" in the profile; until then it must have the name of the gateway.',
  )
  return undefined
}

function readSuite(native: XmlElement): NonNullable<Description['proposals']> {
  const suite = childOf(native, 'CryptographySuite')
  if (suite === undefined) return {}
  const { ike, esp } = windowsProposals({
    encryption: textAt(suite, 'EncryptionMethod') ?? '',
    integrity: textAt(suite, 'IntegrityCheckMethod') ?? '',
    group: textAt(suite, 'DHGroup') ?? '',
    cipher: textAt(suite, 'CipherTransformConstants') ?? '',
    authentication: textAt(suite, 'AuthenticationTransformConstants') ?? '',
    pfs: textAt(suite, 'PfsGroup') ?? '',
  })
  const where = placeOf(suite, 'CryptographySuite')
  return { ike: { where, value: [ike] }, esp: { where, value: [esp] } }
}

/** SplitTunnel with its routes; without routes, or with ForceTunnel, everything. */
function readRoutes(root: XmlElement, native: XmlElement, problems: ProblemList): Description['traffic'] {
  const isSplit = textAt(native, 'RoutingPolicyType')?.toLowerCase() === 'splittunnel'
  const routes = childrenOf(root, 'Route')
  const inside: string[] = []
  for (const route of routes) {
    const network = `${textAt(route, 'Address') ?? ''}/${textAt(route, 'PrefixSize') ?? ''}`
    if (affirmative(textAt(route, 'ExclusionRoute') ?? '') === true) {
      problems.add(
        'warning',
        placeOf(route, 'Route'),
        `Networks outside the tunnel (${network.slice(0, 60)}) are not supported`,
        'They go through the tunnel. Name the networks inside it instead.',
      )
    } else inside.push(...networksIn([network], placeOf(route, 'Route'), problems))
  }
  if (isSplit && inside.length > 0) return { remote: inside }
  if (isSplit) {
    problems.add(
      'warning',
      placeOf(childOf(native, 'RoutingPolicyType'), 'RoutingPolicyType'),
      'Windows sends only some networks through the tunnel, and the file does not say which',
      'All traffic goes through it. Name the networks in the profile if you want less.',
    )
  }
  return undefined
}

/** The name resolution rules; `.` stands for every name. */
function readDns(root: XmlElement): Description['dns'] {
  const rules = childrenOf(root, 'DomainNameInformation')
  const servers = rules.flatMap((rule) => (textAt(rule, 'DnsServers') ?? '').split(/[,;\s]+/))
  const domains = rules.map((rule) => textAt(rule, 'DomainName')?.replace(/^\./, '') ?? '')
  const suffixes = (textAt(root, 'DnsSuffix') ?? '').split(/[,;\s]+/)
  const found = {
    servers: [...new Set(servers.filter((one) => one !== ''))].slice(0, 16),
    domains: [...new Set([...domains, ...suffixes].filter((one) => one !== ''))].slice(0, 64),
  }
  return found.servers.length + found.domains.length === 0 ? undefined : found
}
