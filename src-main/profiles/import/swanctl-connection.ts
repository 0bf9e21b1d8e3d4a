/** One connection of swanctl.conf, with its child, as a profile. */
import type { Profile } from '../../../src-shared/profile.ts'
import { fail } from '../../../src-shared/result.ts'
import { parseAddress } from '../../ip/address.ts'
import { checkDraft } from '../parse.ts'
import { stableId } from './certificates.ts'
import type { ImportedSecret, ProblemList } from './importer.ts'
import { parseNetwork } from './networks.ts'
import { usableProposals } from './proposals.ts'
import { readLocal, readRemote } from './swanctl-authentication.ts'
import type { ConnectionReading } from './swanctl-reading.ts'
import type { SectionReader } from './swanctl-section.ts'
import { isVersion1 } from './swanctl-xauth.ts'
import { unfollowedInChild, unfollowedInConnection } from './swanctl-unfollowed.ts'

/** The profile and its secrets; undefined when the connection cannot be used, which is reported. */
export function readConnection(
  reading: ConnectionReading,
): { readonly profile: Profile; readonly secrets: readonly ImportedSecret[] } | undefined {
  const { name, connection, problems } = reading
  const address = readGateway(connection, problems)
  if (!isUsable(connection, problems) || address === undefined) return undefined
  const is1 = isVersion1(connection)
  const profileId = stableId('swanctl', name, address)
  const secrets: ImportedSecret[] = []
  const remote = readRemote(reading, { profileId, address, secrets })
  const local = readLocal(reading, { profileId, address, secrets, remoteIdentity: remote?.identity })
  const child = readChild(connection, address, problems)
  const draft = {
    version: 1,
    id: profileId,
    name,
    gateway: { address, port: portOf(connection, problems) },
    ikeVersion: is1 ? 1 : 2,
    ikev1: is1 ? { mode: connection.flag('aggressive') === true ? 'aggressive' : 'main' } : undefined,
    local,
    remote,
    ...readOptions(connection, child, problems),
  }
  connection.reportUnread(unfollowedInConnection)
  const complete = local !== undefined && remote !== undefined && child !== undefined
  const checked = complete ? checkDraft(draft) : fail([])
  if (checked.ok) return { profile: checked.value, secrets }
  for (const secret of secrets) secret.value.wipe()
  for (const { where, problem } of checked.error) {
    problems.add(
      'error',
      `${connection.where()}: ${where}`,
      problem,
      'Mend the file, or ask for a corrected one.',
    )
  }
  return undefined
}

function isUsable(connection: SectionReader, problems: ProblemList): boolean {
  if (isVersion1(connection)) tellVersion1(connection, problems)
  // A "required" that is passed over is worse than none: no profile is made.
  if (connection.flag('ppk_required') !== true) return true
  problems.add(
    'error',
    connection.where('ppk_required'),
    'A post-quantum pre-shared key is required and not supported',
    'Ask the administrator for a connection without it.',
  )
  return false
}

function tellVersion1(connection: SectionReader, problems: ProblemList): void {
  const isAggressive = connection.flag('aggressive') === true
  problems.add(
    isAggressive ? 'warning' : 'note',
    connection.where(isAggressive ? 'aggressive' : 'version'),
    isAggressive
      ? 'Aggressive mode shows who you are, and lets a shared key be guessed at home'
      : 'The connection uses IKEv1',
    'Ask the administrator whether the gateway has IKEv2.',
  )
}

function readGateway(connection: SectionReader, problems: ProblemList): string | undefined {
  const [address, ...more] = connection.list('remote_addrs')
  // `%any`, prefixes and ranges say whom a gateway answers, not whom a client calls.
  const isRange =
    address?.includes('/') === true ||
    (address?.includes('-') === true && parseNetwork(address) !== undefined)
  if (address === undefined || address.startsWith('%') || isRange) {
    problems.add(
      'error',
      connection.where('remote_addrs'),
      'The connection names no gateway to call',
      'It is for the gateway itself, or remote_addrs is missing.',
    )
    return undefined
  }
  if (more.length > 0) {
    problems.add(
      'warning',
      connection.where('remote_addrs'),
      `Only the first gateway, ${address}, is used`,
      'Import the file again with another one first to use that.',
    )
  }
  return address
}

function portOf(connection: SectionReader, problems: ProblemList): number | undefined {
  const port = connection.count('remote_port')
  if (port === undefined || (port > 0 && port < 65_536)) return port
  problems.add('warning', connection.where('remote_port'), 'This is not a port', 'The usual one is used.')
  return undefined
}

function readOptions(
  connection: SectionReader,
  child: ChildReading | undefined,
  problems: ProblemList,
): Readonly<Record<string, unknown>> {
  const vips = connection.list('vips')
  for (const vip of vips.filter((text) => text !== '0.0.0.0' && text !== '::')) {
    problems.add(
      'warning',
      connection.where('vips'),
      `A certain address (${vip.slice(0, 45)}) cannot be asked for`,
      'The gateway chooses the address.',
    )
  }
  const families = vips.map((vip) => parseAddress(vip)?.family)
  const fragmentation = connection.text('fragmentation')
  const rekeyed = rekeyTime(connection, problems)
  return {
    proposals: {
      ike: usableProposals('ike', connection.list('proposals'), connection.where('proposals'), problems),
      esp: child?.proposals ?? [],
    },
    virtualAddress: { ipv4: families.includes(4), ipv6: families.includes(6) },
    traffic: child?.traffic,
    lifetimes: { ikeSeconds: rekeyed, ...child?.lifetimes },
    replayWindow: child?.replayWindow,
    livenessSeconds: within(connection.seconds('dpd_delay'), 0, 3600),
    forceEncapsulation: connection.flag('encap'),
    fragmentation: fragmentation === undefined ? undefined : fragmentation !== 'no',
  }
}

const within = (value: number | undefined, least: number, most: number): number | undefined =>
  value === undefined ? undefined : Math.min(most, Math.max(least, value))

/** In seconds; Culvert has no "never". */
function rekeyTime(section: SectionReader, problems: ProblemList): number | undefined {
  const seconds = section.seconds('rekey_time')
  if (seconds !== 0) return seconds
  problems.add('note', section.where('rekey_time'), 'Keys are always renewed', 'The usual time is used.')
  return undefined
}

// ---------------------------------------------------------------- child

interface ChildReading {
  readonly proposals: readonly string[]
  readonly traffic: { readonly remote: readonly string[]; readonly local: readonly string[] }
  readonly lifetimes: Readonly<Record<string, number | undefined>>
  readonly replayWindow: number | undefined
}

function readChild(
  connection: SectionReader,
  address: string,
  problems: ProblemList,
): ChildReading | undefined {
  const children = connection.sections('children').flatMap(([, section]) => section.sections(''))
  const [first, ...more] = children
  if (first === undefined) {
    problems.add(
      'error',
      connection.where(),
      'The connection has no child, so nothing would go through it',
      'Ask for a complete file.',
    )
    return undefined
  }
  for (const [, other] of more) {
    problems.add(
      'warning',
      other.where(),
      `Only the first child, ${first[0]}, is used`,
      "Add this one's networks to the profile if you need them.",
    )
  }
  const [, child] = first
  const mode = child.text('mode') ?? 'tunnel'
  const unusable =
    mode !== 'tunnel'
      ? `The mode "${mode.slice(0, 20)}"`
      : child.list('ah_proposals').length > 0
        ? 'AH'
        : undefined
  if (unusable !== undefined) {
    problems.add(
      'error',
      child.where(),
      `${unusable} is not supported`,
      'Ask the administrator for ESP in tunnel mode.',
    )
    return undefined
  }
  const window = child.count('replay_window')
  const reading: ChildReading = {
    proposals: usableProposals('esp', child.list('esp_proposals'), child.where('esp_proposals'), problems),
    traffic: {
      remote: remoteNetworks(child, address, problems),
      local: networksOf(child, 'local_ts', problems),
    },
    lifetimes: {
      childSeconds: rekeyTime(child, problems),
      childBytes: positive(child.count('rekey_bytes')),
      childPackets: positive(child.count('rekey_packets')),
    },
    replayWindow: within(window, 32, 4096),
  }
  if (window === 0)
    problems.add(
      'warning',
      child.where('replay_window'),
      'Replayed packets are always refused',
      'A window of 32 packets is used.',
    )
  child.reportUnread(unfollowedInChild)
  return reading
}

const positive = (value: number | undefined): number | undefined => (value === 0 ? undefined : value)

/** `dynamic` is left out: it stands for the virtual or own address, which an empty list means too. */
function networksOf(child: SectionReader, key: 'local_ts' | 'remote_ts', problems: ProblemList): string[] {
  const networks: string[] = []
  for (const selector of child.list(key)) {
    const [, network = '', ports] = /^([^[]*)(\[.*\])?$/.exec(selector) ?? []
    if (ports !== undefined) {
      problems.add(
        'warning',
        child.where(key),
        `The limit ${ports.slice(0, 40)} to protocols and ports is not supported`,
        'The whole network is asked for; the gateway may narrow it.',
      )
    }
    if (network === 'dynamic' || network === '') continue
    const found = parseNetwork(network)
    if (found === undefined)
      problems.add(
        'error',
        child.where(key),
        `${network.slice(0, 60)} is no network`,
        'It is left out. Mend the file, or ask for a corrected one.',
      )
    else networks.push(...found)
  }
  return networks
}

function remoteNetworks(child: SectionReader, address: string, problems: ProblemList): readonly string[] {
  const networks = networksOf(child, 'remote_ts', problems)
  if (networks.length > 0) return networks
  const gateway = parseNetwork(address)
  if (gateway !== undefined) return gateway
  // Its address is not known before the name is resolved; the gateway narrows what is asked for (RFC 7296 section 2.9).
  problems.add(
    'warning',
    child.where('remote_ts'),
    'The connection reaches only the gateway itself',
    'Everything is asked for, and the gateway narrows it.',
  )
  return ['0.0.0.0/0', '::/0']
}
