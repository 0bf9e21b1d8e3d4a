/** A report that a person may send to somebody who helps: the machine, the profiles and the log, without secrets, names and addresses. */
import { homedir, hostname, userInfo } from 'node:os'
import type { About, LogLine } from '../../src-shared/contract.ts'
import type { Library } from '../../src-shared/library.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Settings } from '../../src-shared/settings.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { Check } from '../host/linux/checks.ts'
import type { KnownText } from './redaction.ts'
import { createRedactor } from './redaction.ts'
import { stateWords } from './state-words.ts'

export interface ReportParts {
  readonly at: number
  readonly about: About
  readonly checks: readonly Check[]
  readonly settings: Settings
  readonly library: Library
  readonly connections: readonly ConnectionStatus[]
  readonly log: readonly LogLine[]
}

const preface = `Names, user names, host names, domains, e-mail and IP addresses are replaced by stand-ins such as
<gateway 1>, the same one throughout; passwords, keys and certificates are not in it at all. SPIs, proposals,
times, counters and versions are as they were. Read it before you send it.`

export function makeReport(parts: ReportParts): string {
  const redact = createRedactor([
    ...parts.library.entries.flatMap(({ profile }) => namesIn(profile)),
    ...machineNames(),
    ...parts.connections.flatMap(namesInStatus),
  ])
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['This machine', machineLines(parts)],
    [
      'Settings',
      Object.entries(parts.settings).map(([name, value]) => `${name}: ${settingText(name, value)}`),
    ],
    ['Profiles', parts.library.entries.flatMap(({ profile }) => profileLines(profile))],
    ['Connections', parts.connections.flatMap(connectionLines)],
    ['Log', parts.log.map(logLine)],
  ]
  const body = sections.flatMap(([heading, lines]) => [
    '',
    heading,
    ...(lines.length === 0 ? ['  none'] : lines.map((line) => `  ${redact(line)}`)),
  ])
  return [`Culvert report, ${new Date(parts.at).toISOString()}`, '', preface, ...body, ''].join('\n')
}

/** Which profile it is would be told by its id. */
const settingText = (name: string, value: string | boolean | null): string =>
  name === 'connectAtLogin' ? (value === null ? 'none' : 'a profile') : String(value)

function machineLines({ about, checks }: ReportParts): readonly string[] {
  return [
    `Culvert ${about.version}, ${about.runtime}`,
    about.machine,
    `helper: ${about.helper}; keyring: ${about.keyring}; data plane: ${about.dataPlane}`,
    ...checks.map(({ name, status, text }) => `${status}: ${name}: ${text}`),
  ]
}

function profileLines(profile: Profile): readonly string[] {
  const { local, remote, proposals, traffic, virtualAddress, lifetimes } = profile
  return [
    `${profile.name}: ${profile.gateway.address} port ${profile.gateway.port}, IKEv${profile.ikeVersion}`,
    `  we: ${methodWords(local.authentication)}, identity ${local.identity === undefined ? 'by default' : 'given'}`,
    `  gateway: ${remote.authentication.method}, identity ${remote.identity === undefined ? 'by default' : 'given'}`,
    `  IKE: ${proposals.ike.join(', ') || 'recommended'}; ESP: ${proposals.esp.join(', ') || 'recommended'}`,
    `  through the tunnel: ${traffic.remote.join(', ')}; virtual address: IPv4 ${virtualAddress.ipv4 ? 'yes' : 'no'}, IPv6 ${virtualAddress.ipv6 ? 'yes' : 'no'}`,
    `  lifetimes: IKE ${lifetimes.ikeSeconds} s, child ${lifetimes.childSeconds} s; liveness ${profile.livenessSeconds} s; MTU ${profile.mtu ?? 'by default'}`,
  ]
}

const methodWords = (authentication: Profile['local']['authentication']): string =>
  authentication.method === 'eap' ? `eap (${authentication.allow.join(', ')})` : authentication.method

function connectionLines(status: ConnectionStatus): readonly string[] {
  const { traffic, drops } = status
  return [
    `${status.profileName}: ${stateWords(status.state)}${status.dataPlane === undefined ? '' : `, ${status.dataPlane} data plane`}`,
    ...(status.state.kind === 'failed' ? [`  ${JSON.stringify(status.state.failure)}`] : []),
    `  received ${traffic.inbound.packets} packets, ${traffic.inbound.bytes} bytes; sent ${traffic.outbound.packets} packets, ${traffic.outbound.bytes} bytes`,
    ...Object.entries(drops).map(([reason, count]) => `  dropped ${count}: ${reason}`),
    ...status.ikeSas.map(
      (sa) => `  IKE SA ${sa.initiatorSpi} ${sa.responderSpi} ${JSON.stringify(sa.suite)}`,
    ),
  ]
}

function logLine({ at, level, area, message, fields }: LogLine): string {
  const extra = Object.entries(fields ?? {}).map(([name, value]) => ` ${name}=${String(value)}`)
  return `${new Date(at).toISOString()} ${level} ${area}: ${message}${extra.join('')}`
}

// ---------------------------------------------------------------- what tells who and where

const named = (label: string, ...texts: readonly (string | undefined)[]): readonly KnownText[] =>
  texts.flatMap((text) => (text === undefined ? [] : [{ label, text }]))

function namesIn({ name, gateway, local, remote, dns }: Profile): readonly KnownText[] {
  const { authentication } = local
  return [
    ...named('profile', name),
    ...named('gateway', gateway.address),
    ...named('user', authentication.method === 'eap' ? authentication.username : undefined),
    ...named('identity', local.identity, remote.identity),
    ...named('domain', ...dns.domains),
    ...secretFiles(authentication),
  ]
}

/** A path may be named after a person or a customer. */
function secretFiles(authentication: Profile['local']['authentication']): readonly KnownText[] {
  switch (authentication.method) {
    case 'psk':
      return named('file', authentication.secret.from === 'file' ? authentication.secret.path : undefined)
    case 'eap':
      return named('file', authentication.password.from === 'file' ? authentication.password.path : undefined)
    case 'certificate':
      return named('file', authentication.key.from === 'file' ? authentication.key.path : undefined)
  }
}

const namesInStatus = ({ profileName, gateway, dns, ikeSas }: ConnectionStatus): readonly KnownText[] => [
  ...named('profile', profileName),
  ...named('gateway', gateway?.name),
  ...named('domain', ...dns.domains),
  ...ikeSas.flatMap(({ localIdentity, remoteIdentity }) => named('identity', localIdentity, remoteIdentity)),
]

const machineNames = (): readonly KnownText[] => [
  ...named('home', homedir() === '/root' ? undefined : homedir()),
  ...named('account', userInfo().username === 'root' ? undefined : userInfo().username),
  ...named('machine', hostname()),
]
