/** FortiClient's configuration (XML reference guide, IPsec VPN): its IPsec connections. Passwords marked `Enc` open on one machine alone. */
import { profilesOf } from './description-to-profile.ts'
import type { Description, IkeVersion, LocalProof, RemoteProof } from './description.ts'
import { readFortiProposals } from './forticlient-proposals.ts'
import type { ImportInput, Importer, ProblemList } from './importer.ts'
import { problemList } from './importer.ts'
import type { KeyedValues } from './keyed-values.ts'
import { keyedValues } from './keyed-values.ts'
import { onlyContainer } from './named-files.ts'
import { parseAddress, netmaskLength } from '../../ip/address.ts'
import { networksIn } from './networks.ts'
import type { XmlElement } from './xml.ts'
import { childOf, childrenOf, descendant, everywhere } from './xml.ts'

export const forticlient: Importer = {
  format: 'FortiClient configuration (XML)',
  recognises: ({ xml }) => xml !== undefined && /^forticlient_configuration$/i.test(xml.name),
  read(input, { xml }) {
    const problems = problemList()
    const connections = descendant(xml, 'vpn', 'ipsecvpn', 'connections')
    const descriptions = childrenOf(connections, 'connection').flatMap(
      (connection) => describe(connection, input, problems) ?? [],
    )
    const others = childrenOf(descendant(xml, 'vpn', 'sslvpn', 'connections'), 'connection')
    for (const { line } of others.slice(0, 10)) {
      problems.add(
        'note',
        `sslvpn connection (line ${line})`,
        'This is an SSL VPN, another kind of VPN',
        'It is left out.',
      )
    }
    if (descriptions.length === 0 && childrenOf(connections, 'connection').length === 0) {
      const advice = 'Ask for the configuration with ipsecvpn/connections.'
      problems.add('error', 'vpn/ipsecvpn', 'There is no IPsec connection in the file', advice)
    }
    return profilesOf(descriptions, 'forticlient', input, problems)
  },
}

/** An element's children that hold text alone, by their names. */
function valuesOf(element: XmlElement | undefined, place: string, problems: ProblemList): KeyedValues {
  const entries = (element?.children ?? [])
    .filter(({ children }) => children.length === 0)
    .map(({ name, text, line }) => ({ key: name, value: text.trim(), line }))
  return keyedValues(entries, place, problems)
}

/** Secrets under the machine's key are no use elsewhere. */
const isHidden = (text: string): boolean => /^Enc(?:X)?\s*[\da-fA-F]/.test(text)

function secretAt(values: KeyedValues, key: string, problems: ProblemList): Uint8Array | undefined {
  const text = values.text(key)
  if (text === undefined) return undefined
  if (!isHidden(text)) return new TextEncoder().encode(text)
  problems.add(
    'note',
    values.where(key),
    'This secret is encrypted for the machine that the file comes from',
    'It is asked for.',
  )
  return undefined
}

interface Reading {
  readonly ike: XmlElement
  readonly values: KeyedValues
  readonly auth: KeyedValues
  readonly xauth: KeyedValues
  readonly input: ImportInput
  readonly problems: ProblemList
}

function describe(
  connection: XmlElement,
  input: ImportInput,
  problems: ProblemList,
): Description | undefined {
  const top = valuesOf(connection, 'connection', problems)
  const name = top.text('name') ?? ''
  const place = `connection ${name.slice(0, 60)} (line ${connection.line})`
  const ike = childOf(connection, 'ike_settings')
  const values = valuesOf(ike, place, problems)
  const servers = values.list('server', /[;,\s]+/)
  const [address] = servers
  if (ike === undefined || address === undefined) {
    problems.add('error', place, 'The gateway is missing', 'Ask for a complete file.')
    return undefined
  }
  if (servers.length > 1) {
    problems.add(
      'warning',
      values.where('server'),
      `Only the first gateway, ${address}, is used`,
      'Import the file again with another one first to use that.',
    )
  }
  tellScripts(connection, place, problems)
  const authData = childOf(ike, 'auth_data')
  const reading: Reading = {
    ike,
    values,
    auth: valuesOf(authData, place, problems),
    xauth: valuesOf(childOf(ike, 'xauth'), place, problems),
    input,
    problems,
  }
  const version = versionOf(reading)
  const proofs = readProofs(reading, version, place)
  if (proofs === undefined) return undefined
  const settings = childOf(connection, 'ipsec_settings')
  const child = valuesOf(settings, place, problems)
  const description: Description = {
    where: place,
    seeds: [],
    name: name === '' ? address : name,
    ike: version,
    gateway: { address, port: udpPort(top) },
    local: { identity: values.text('localid') ?? values.text('local_id'), proof: proofs.local, where: place },
    remote: { proof: proofs.remote },
    proposals: readFortiProposals(ike, values, settings, child, place),
    traffic: readTraffic(settings, place, problems),
    lifetimes: {
      ikeSeconds: values.integer('key_life', 60, 31_536_000),
      childSeconds: child.integer('key_life_seconds', 60, 31_536_000),
    },
    livenessSeconds: values.flag('dpd') === false ? 0 : undefined,
    natKeepaliveSeconds: values.integer('nat_alive_freq', 1, 3600),
  }
  tellRest([top, values, reading.auth, reading.xauth, child], place, problems)
  return description
}

/** `udp_port` is FortiClient's own; 0 and 500 mean the usual ones. */
function udpPort(top: KeyedValues): number | undefined {
  const port = top.integer('udp_port', 0, 65_535)
  return port === undefined || port === 0 ? undefined : port
}

function versionOf({ values, xauth, problems }: Reading): IkeVersion {
  if (values.text('version') === '2') return { version: 2 }
  const usesXauth = xauth.flag('enabled') === true
  return {
    version: 1,
    exchange: values.text('mode')?.toLowerCase() === 'aggressive' ? 'aggressive' : 'main',
    modeConfig: values.flag('mode_config') === false ? 'none' : 'pull',
    ...(usesXauth
      ? {
          xauth: { username: plain(xauth.text('username')), password: secretAt(xauth, 'password', problems) },
        }
      : {}),
  }
}

const plain = (text: string | undefined): string | undefined =>
  text === undefined || isHidden(text) ? undefined : text

/** With IKEv2, a user name (in the element xauth) means EAP; the gateway proves itself by the same method as the machine. */
function readProofs(
  reading: Reading,
  version: IkeVersion,
  place: string,
): { readonly local: LocalProof; readonly remote: RemoteProof } | undefined {
  const { values, auth, xauth, problems } = reading
  const method = values.text('authentication_method') ?? 'Preshared Key'
  const isKey = /preshared/i.test(method)
  const secret = isKey ? secretAt(auth, 'preshared_key', problems) : undefined
  const remote: RemoteProof = isKey
    ? { kind: 'psk', secret: secret?.slice() }
    : { kind: 'certificate', authorities: [] }
  const usesEap =
    version.version === 2 && (xauth.flag('enabled') === true || (values.text('eap_method') ?? '0') !== '0')
  if (usesEap) {
    secret?.fill(0)
    const password = secretAt(xauth, 'password', problems)
    // FortiGate asks by MSCHAPv2, and for a one-time code by GTC after it.
    return {
      local: { kind: 'eap', username: plain(xauth.text('username')), password, methods: ['mschapv2', 'gtc'] },
      remote,
    }
  }
  if (isKey) return { local: { kind: 'psk', secret }, remote }
  const key = onlyContainer(reading.input.files)
  if (key !== undefined) return { local: { kind: 'certificate', certificates: [], key }, remote }
  problems.add(
    'error',
    place,
    `The certificate and its key lie outside the file (${method.slice(0, 60)})`,
    'Export them as PKCS#12 and import a folder with that file and this one.',
  )
  return undefined
}

function readTraffic(
  settings: XmlElement | undefined,
  place: string,
  problems: ProblemList,
): Description['traffic'] {
  const networks = childrenOf(childOf(settings, 'remote_networks'), 'network').map((network) => {
    const address = childOf(network, 'addr')?.text.trim() ?? ''
    const mask = childOf(network, 'mask')?.text.trim() ?? ''
    const parsed = mask.includes('.') ? parseAddress(mask) : undefined
    const length = parsed === undefined ? mask : netmaskLength(parsed)
    return `${address}/${length ?? mask}`
  })
  const excluded = childOf(settings, 'ipv4_split_exclude_networks')
  if (excluded !== undefined && (excluded.children.length > 0 || excluded.text.trim() !== '')) {
    problems.add(
      'warning',
      `${place} ipv4_split_exclude_networks`,
      'Networks outside the tunnel are not supported',
      'They go through the tunnel. Name the networks inside it instead.',
    )
  }
  const remote = networksIn(networks, `${place} remote_networks`, problems)
  return remote.length === 0 ? undefined : { remote }
}

function tellScripts(connection: XmlElement, place: string, problems: ProblemList): void {
  for (const name of ['on_connect', 'on_disconnect']) {
    const script = everywhere(connection, name).find(
      (element) =>
        everywhere(element, 'script').some(({ text }) => text.trim() !== '') || element.text.trim() !== '',
    )
    if (script === undefined) continue
    problems.add(
      'warning',
      `${place} ${name} (line ${script.line})`,
      'Culvert never runs scripts from a profile',
      'What the script did must be done another way. Ask the administrator what it is for.',
    )
  }
}

function tellRest(parts: readonly KeyedValues[], place: string, problems: ProblemList): void {
  const rest = [...new Set(parts.flatMap((values) => values.takeUnread()))]
  if (rest.length === 0) return
  const problem = `These settings have no meaning here: ${rest.slice(0, 80).join(', ').slice(0, 1500)}`
  problems.add('note', place, problem, 'Nothing to do if the connection works.')
}
