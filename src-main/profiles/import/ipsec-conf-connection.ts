/** One `conn` of ipsec.conf: which end is ours, what it asks for, and how both ends prove themselves. */
import type { Description } from './description.ts'
import type { ProblemList } from './importer.ts'
import { connLocal, connRemote, connVersion } from './ipsec-conf-authentication.ts'
import { unfollowedInConn } from './ipsec-conf-unfollowed.ts'
import type { ConnReading, Ends } from './ipsec-conf-reading.ts'
import type { KeyedValues } from './keyed-values.ts'
import { libreswanProposals } from './libreswan-proposals.ts'
import { networksIn, parseNetwork } from './networks.ts'

const isOpen = (value: string | undefined): boolean =>
  value === undefined || value.startsWith('%') || value === '0.0.0.0' || value === '::' || value.includes('/')

export function connDescription(reading: ConnReading): Description | undefined {
  const { name, conn, problems } = reading
  const ends = endsOf(conn, problems)
  const usable = ends !== undefined && isTunnel(conn, problems)
  const local = usable ? connLocal(reading, ends) : undefined
  const remote = usable ? connRemote(reading, ends) : undefined
  if (!usable || local === undefined || remote === undefined) {
    conn.takeUnread()
    return undefined
  }
  const description: Description = {
    where: conn.where(),
    seeds: [],
    name,
    ike: connVersion(reading, ends),
    gateway: { address: ends.address, port: conn.integer(`${ends.theirs}ikeport`, 1, 65_535) },
    local,
    remote,
    proposals: readProposals(conn),
    traffic: readTraffic(conn, ends, problems),
    virtualAddress: virtualAddress(conn, ends, problems),
    lifetimes: {
      ikeSeconds: seconds(conn, 'ikelifetime', problems),
      childSeconds:
        seconds(conn, 'lifetime', problems) ??
        seconds(conn, 'keylife', problems) ??
        seconds(conn, 'salifetime', problems),
    },
    livenessSeconds: seconds(conn, 'dpddelay', problems),
    forceEncapsulation: forced(conn),
    fragmentation: fragmented(conn),
    replayWindow: replayWindow(conn),
  }
  conn.reportUnread(unfollowedInConn)
  return description
}

function endsOf(conn: KeyedValues, problems: ProblemList): Ends | undefined {
  const left = conn.text('left')
  const right = conn.text('right')
  const [first = ''] = (right ?? '').split(',')
  if (!isOpen(first)) return { ours: 'left', theirs: 'right', address: first.trim() }
  // Written from the gateway's side: our end is where the default route leads.
  if (left !== undefined && !isOpen(left) && right === '%defaultroute') {
    return { ours: 'right', theirs: 'left', address: left }
  }
  problems.add(
    'error',
    conn.where(right === undefined ? undefined : 'right'),
    'The connection names no gateway to call',
    'It is for the gateway itself, or right= is missing.',
  )
  return undefined
}

function isTunnel(conn: KeyedValues, problems: ProblemList): boolean {
  const type = conn.text('type') ?? 'tunnel'
  const isAh = conn.text('ah') !== undefined || ['ah', 'ah+esp'].includes(conn.text('phase2') ?? '')
  const ppk = conn.text('ppk')
  if (type === 'tunnel' && !isAh && ppk !== 'insist') return true
  const shunts = ['passthrough', 'pass', 'drop', 'reject']
  problems.add(
    shunts.includes(type) ? 'warning' : 'error',
    conn.where(type === 'tunnel' ? (isAh ? 'ah' : 'ppk') : 'type'),
    shunts.includes(type)
      ? 'This is no tunnel but a rule for other traffic'
      : isAh
        ? 'AH is not supported'
        : type === 'tunnel'
          ? 'A post-quantum pre-shared key is required and not supported'
          : `The mode "${type.slice(0, 20)}" is not supported`,
    shunts.includes(type) ? 'It is left out.' : 'Ask the administrator for ESP in tunnel mode.',
  )
  return false
}

/** With Libreswan's punctuation or underscores it is Libreswan's notation; a `!` (nothing else) is how Culvert means it anyway. */
function readProposals(conn: KeyedValues): NonNullable<Description['proposals']> {
  const read = (protocol: 'ike' | 'esp', key: string) => {
    const text = conn.text(key)?.replace(/!\s*$/, '')
    if (text === undefined) return {}
    const isLibreswan = /;|_gcm|_cbc|sha2\b|\bdh\d|sha2_\d+-modp/.test(
      text.replace(/\bsha2_(?:256|384|512)\b/g, ''),
    )
    const value = isLibreswan ? libreswanProposals(protocol, text) : text.split(',').map((one) => one.trim())
    return { [protocol]: { where: conn.where(key), value } }
  }
  const esp = conn.keys.some((key) => key.toLowerCase() === 'esp') ? 'esp' : 'phase2alg'
  return { ...read('ike', 'ike'), ...read('esp', esp) }
}

const SECONDS_PER: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

function seconds(conn: KeyedValues, key: string, problems: ProblemList): number | undefined {
  const text = conn.text(key)
  if (text === undefined) return undefined
  const [, digits, unit = ''] = /^(\d{1,9})\s*([a-z]?)$/i.exec(text) ?? []
  const factor = SECONDS_PER[unit.toLowerCase()]
  if (digits !== undefined && factor !== undefined) {
    const value = Math.min(Number(digits) * factor, key === 'dpddelay' ? 3600 : 10 * 365 * 86_400)
    return value === 0 && key !== 'dpddelay' ? undefined : value
  }
  problems.add('warning', conn.where(key), `"${text.slice(0, 40)}" is not a time`, 'The value is ignored.')
  return undefined
}

/** `10.0.0.0/8[tcp/80]`, `%dynamic`, `rightsubnets={a b}`. */
function subnets(conn: KeyedValues, end: string, problems: ProblemList): readonly string[] {
  const texts = [...conn.list(`${end}subnet`, /,/), ...conn.list(`${end}subnets`, /[,\s]+/)]
  const networks = texts.flatMap((text) => {
    const [, network = '', limit] = /^([^[]*)(\[.*\])?$/.exec(text) ?? []
    if (limit !== undefined) {
      problems.add(
        'warning',
        conn.where(`${end}subnet`),
        `The limit ${limit.slice(0, 40)} to protocols and ports is not supported`,
        'The whole network is asked for; the gateway may narrow it.',
      )
    }
    return network === '' || network === '%dynamic' || network.startsWith('vhost:') ? [] : [network]
  })
  return networksIn(networks, conn.where(`${end}subnet`), problems)
}

function readTraffic(
  conn: KeyedValues,
  { ours, theirs, address }: Ends,
  problems: ProblemList,
): Description['traffic'] {
  const local = subnets(conn, ours, problems)
  const remote = subnets(conn, theirs, problems)
  if (remote.length > 0) return { remote, local }
  const gateway = parseNetwork(address)
  if (gateway !== undefined) return { remote: gateway, local }
  // Its address is not known before the name is resolved; the gateway narrows what is asked for (RFC 7296 section 2.9).
  problems.add(
    'warning',
    conn.where(`${theirs}subnet`),
    'The connection reaches only the gateway itself',
    'Everything is asked for, and the gateway narrows it.',
  )
  return { remote: ['0.0.0.0/0', '::/0'], local }
}

/** `leftsourceip=%config` (strongSwan), `leftmodecfgclient=yes` (Libreswan). */
function virtualAddress(
  conn: KeyedValues,
  { ours }: Ends,
  problems: ProblemList,
): { readonly ipv4: boolean; readonly ipv6: boolean } {
  const asked = conn.list(`${ours}sourceip`, /[,\s]+/)
  const client = conn.flag(`${ours}modecfgclient`) === true
  for (const one of asked.filter((text) => !text.startsWith('%'))) {
    problems.add(
      'warning',
      conn.where(`${ours}sourceip`),
      `A certain address (${one.slice(0, 45)}) cannot be asked for`,
      'The gateway chooses the address.',
    )
  }
  const any = client || asked.some((text) => ['%config', '%modeconfig', '%modecfg', '%cfg'].includes(text))
  const isFamily = (mark: string, sign: string) =>
    any ||
    asked.includes(`%config${mark}`) ||
    asked.some((text) => !text.startsWith('%') && text.includes(sign))
  return { ipv4: isFamily('4', '.'), ipv6: isFamily('6', ':') }
}

function forced(conn: KeyedValues): boolean | undefined {
  const word = (conn.text('forceencaps') ?? conn.text('encapsulation'))?.toLowerCase()
  if (word === undefined || word === 'auto') return undefined
  return ['yes', 'true', '1'].includes(word)
}

function fragmented(conn: KeyedValues): boolean | undefined {
  const word = conn.text('fragmentation')?.toLowerCase()
  return word === undefined ? undefined : word !== 'no'
}

function replayWindow(conn: KeyedValues): number | undefined {
  const window = conn.integer('replay_window', -1, 1_000_000) ?? conn.integer('replay-window', -1, 1_000_000)
  return window === undefined || window < 1 ? undefined : Math.min(4096, Math.max(32, window))
}
