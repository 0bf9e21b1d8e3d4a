/** `culvert policy explain` without a file: the policies that running connections have in force. */
import { VpnError } from '../../src-shared/errors.ts'
import type { ConnectionStatus, PolicyStatus } from '../../src-shared/status.ts'
import { parseAddress } from '../ip/address.ts'
import type { PacketFacts } from '../ipsec/policy/explain.ts'
import { readPolicyFile } from '../ipsec/policy/policy-file.ts'
import { mismatches } from '../ipsec/policy/explain.ts'
import type { Mismatch } from '../ipsec/policy/explain.ts'
import type { PolicyEntry } from '../ipsec/policy/entry.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { packetWords } from './policy-packet.ts'
import type { AskedPacket } from './policy-packet.ts'
import { mismatchWords } from './policy-words.ts'
import { runningConnections } from './running.ts'
import type { Terminal } from './terminal.ts'
import { spiWords } from './words.ts'

/** Code 12 when nothing is connected. */
export async function explainRunning(
  cli: Cli,
  asked: AskedPacket,
  options: { readonly json?: boolean },
): Promise<number> {
  const connections = (await runningConnections(cli)).filter(({ policies = [] }) => policies.length > 0)
  if (connections.length === 0) throw new VpnError('not-running')
  const told = connections.map((connection) => ({
    connection,
    steps: stepsOf(connection.policies ?? [], asked),
  }))
  if (options.json === true) {
    const value = told.map(({ connection: { profileId, profileName }, steps }) => ({
      profileId,
      profileName,
      steps,
    }))
    cli.terminal.out(JSON.stringify({ packet: packetWords(asked), connections: value }, null, 2))
    return exitCodes.done.number
  }
  cli.terminal.out(cli.terminal.tint('strong', packetWords(asked)))
  for (const { connection, steps } of told) {
    cli.terminal.out('')
    for (const line of stepLines(cli.terminal, connection, steps)) cli.terminal.out(line)
  }
  return exitCodes.done.number
}

interface Step {
  readonly entry: string
  /** `if`: what takes it depends on its route, which no entry tells. */
  readonly met: 'yes' | 'no' | 'if'
  /** Why not, or under which condition, or what becomes of it. */
  readonly words: string
}

/** Up to the first entry that takes the packet whatever its route is. */
export function stepsOf(policies: readonly PolicyStatus[], asked: AskedPacket): readonly Step[] {
  const wanted = asked.direction === 'out' ? 'outbound' : 'inbound'
  const steps: Step[] = []
  for (const policy of policies) {
    if (policy.direction !== wanted) continue
    const words = `${policy.action} ${policy.local} → ${policy.remote}${policy.protocol === 'any' ? '' : ` ${policy.protocol}`}`
    const isRest = policy.local === 'any' && policy.remote === 'any'
    const reason = whyNot(policy, asked)
    if (reason !== undefined) steps.push({ entry: words, met: 'no', words: reason })
    else if (isRest && /^(?:is|comes) /.test(policy.reason))
      steps.push({ entry: words, met: 'if', words: policy.reason })
    else {
      steps.push({ entry: words, met: 'yes', words: outcome(policy, asked) })
      break
    }
  }
  return steps
}

function outcome({ action, spi, reason }: PolicyStatus, { direction }: AskedPacket): string {
  const sa = spi === undefined ? '' : ` SA ${spiWords(spi)}`
  switch (action) {
    case 'protect':
      return direction === 'out' ? `it leaves protected, on${sa}` : `it must have come on${sa}`
    case 'bypass':
      return `it passes unprotected: ${reason}`
    case 'discard':
      return `it is dropped: ${reason}`
  }
}

/** Undefined when the entry takes the packet. */
function whyNot(policy: PolicyStatus, { facts, direction }: AskedPacket): string | undefined {
  const entry = entryOf(policy)
  if (entry === undefined) return 'this entry cannot be compared with a packet'
  const [first]: readonly (Mismatch | undefined)[] = mismatches(entry, direction, facts satisfies PacketFacts)
  return first === undefined ? undefined : mismatchWords(entry, first, direction, facts)
}

/** The entry that status tells of, by the words of a policy file. */
function entryOf({ local, remote, protocol, direction }: PolicyStatus): PolicyEntry | undefined {
  const [ours, theirs] = [sideWords('local', local), sideWords('remote', remote)]
  const upper = upperWords(protocol)
  if (ours === undefined || theirs === undefined || upper === undefined) return undefined
  const way = direction === 'outbound' ? 'out' : 'in'
  const { entries, problems } = readPolicyFile(`bypass ${way} ${upper} ${ours} ${theirs}`)
  return problems.length > 0 ? undefined : entries[0]
}

/** `any`, a selector's addresses, or an address with a port. */
function sideWords(side: 'local' | 'remote', text: string): string | undefined {
  const [, bracketed, bracketedPort] = /^\[([0-9a-f:]+)\]:([0-9]+)$/.exec(text) ?? []
  const [, plain, plainPort] = /^([0-9.]+):([0-9]+)$/.exec(text) ?? []
  const address = bracketed ?? plain
  if (address === undefined) return `${side} ${text.replaceAll(' ', '')}`
  if (parseAddress(address) === undefined) return undefined
  return `${side} ${address} ${side}-port ${bracketedPort ?? plainPort ?? ''}`
}

/** `any`, `udp`, `tcp 80`, `icmp 8`, `tcp from 1024-2047 to 80, 443`; undefined for what says more. */
function upperWords(protocol: string): string | undefined {
  if (protocol === 'any') return ''
  const [, name, ports, from, to] =
    /^([a-z0-9-]+)(?: ([0-9-]+))?(?: from ([0-9, -]+?|opaque))?(?: to ([0-9, -]+|opaque))?$/.exec(protocol) ??
    []
  if (name === undefined) return undefined
  const isIcmp = name === 'icmp' || name === 'ipv6-icmp'
  const known = /^[0-9]+$|^opaque$/.test(name) ? `protocol ${name}` : name
  const words = [known]
  if (ports !== undefined) words.push(isIcmp ? `type ${ports}` : `remote-port ${ports}`)
  if (from !== undefined) words.push(`local-port ${from.replaceAll(' ', '')}`)
  if (to !== undefined) words.push(`remote-port ${to.replaceAll(' ', '')}`)
  return words.join(' ')
}

function stepLines(
  terminal: Terminal,
  { profileName }: ConnectionStatus,
  steps: readonly Step[],
): readonly string[] {
  return [
    terminal.tint('strong', profileName),
    ...steps.flatMap(({ entry, met, words }) => {
      if (met === 'no') return [`  ${terminal.tint('faint', entry)}`, `      no: ${words}`]
      const mark = met === 'yes' ? terminal.tint('ok', '→') : terminal.tint('busy', '?')
      return [`${mark} ${entry}`, `      ${met === 'if' ? `if it ${words}` : words}`]
    }),
    ...(steps.some(({ met }) => met !== 'no') ? [] : ['  No entry that is in force takes it.']),
  ]
}
