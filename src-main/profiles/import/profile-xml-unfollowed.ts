/** What is said of ProfileXML's elements that Culvert knows and does not follow, and of those that it does not know. */
import type { ProblemList } from './importer.ts'
import type { Unfollowed } from './swanctl-section.ts'
import type { XmlElement } from './xml.ts'

const ours = (problem: string): Unfollowed => ['note', problem, 'Nothing to do.']
const missing = (problem: string, advice: string): Unfollowed => ['warning', problem, advice]

const unfollowed: Readonly<Record<string, Unfollowed>> = {
  alwayson: missing('Connecting by itself is not supported', 'Connect yourself.'),
  alwaysonactive: missing('Connecting by itself is not supported', 'Connect yourself.'),
  devicetunnel: missing('A tunnel before anybody logs in is not supported', 'Connect yourself.'),
  trustednetworkdetection: missing(
    'Disconnecting in trusted networks is not supported',
    'Disconnect yourself.',
  ),
  lockdown: missing('Blocking all traffic beside the tunnel is not part of a profile', 'It is ignored.'),
  trafficfilter: missing('Limits to programs and ports are not supported', 'The whole network is asked for.'),
  apptrigger: missing('Connecting when a program starts is not supported', 'Connect yourself.'),
  proxy: missing(
    'A proxy for the traffic in the tunnel is not supported',
    'Set it in the system if you need it.',
  ),
  remembercredentials: ours('Culvert asks where there is no keyring'),
  registerdns: ours('Culvert registers no names'),
  bypassforlocal: ours('Networks that this machine is in are reached directly anyway'),
  edpmodeid: ours('It is for Windows'),
  devicecompliance: missing(
    'Proof of the state of this device is not given',
    'The gateway may refuse the connection.',
  ),
  byprivatenetwork: ours('It is for Windows'),
}

/** Elements of the profile that are read elsewhere. */
const read = new Set(['nativeprofile', 'route', 'domainnameinformation', 'dnssuffix', 'profilename'])
const readInNative = new Set([
  ...['servers', 'nativeprotocoltype', 'authentication', 'cryptographysuite', 'routingpolicytype'],
  ...['protocollist', 'disableikev2fragmentation'],
])
const unfollowedInNative: Readonly<Record<string, Unfollowed>> = {
  l2tppsk: ours('It is for L2TP'),
  disableclassbaseddefaultroute: ours('Networks are agreed on by traffic selectors'),
  plumbikev2tsasroutes: ours('Culvert always makes routes of what was agreed on'),
}

export function tellProfileXml(root: XmlElement, problems: ProblemList): void {
  const native = root.children.find(({ name }) => name.toLowerCase() === 'nativeprofile')
  tell(root.children, read, unfollowed, problems)
  tell(native?.children ?? [], readInNative, unfollowedInNative, problems)
}

function tell(
  elements: readonly XmlElement[],
  known: ReadonlySet<string>,
  table: Readonly<Record<string, Unfollowed>>,
  problems: ProblemList,
): void {
  const told = new Set<string>()
  for (const { name, line, text, children } of elements) {
    const key = name.toLowerCase()
    if (known.has(key) || told.has(key)) continue
    told.add(key)
    // An option that is switched off says nothing.
    if (children.length === 0 && ['false', '0', ''].includes(text.trim().toLowerCase())) continue
    const [level, problem, advice] = (Object.hasOwn(table, key) ? table[key] : undefined) ?? [
      'note',
      'This element is not known and is ignored',
      'Nothing to do if the connection works.',
    ]
    problems.add(level, `${name.slice(0, 60)} (line ${line})`, problem, advice)
  }
}
