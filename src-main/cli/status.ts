/** `culvert status`: each connection with its addresses and security associations. */
import type { ChildSaStatus, ConnectionStatus, IkeSaStatus, IkeWeakness } from '../../src-shared/status.ts'
import { errorWords, printable } from '../../src-shared/error-words.ts'
import { stateWords } from '../app/state-words.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { manualSaRows } from './manual-words.ts'
import { runningConnections } from './running.ts'
import { endWords, killSwitchRows, policyRows, replayWords } from './status-words.ts'
import type { Terminal, Tone } from './terminal.ts'
import {
  byteWords,
  countWords,
  durationWords,
  endpointWords,
  espSuiteWords,
  ikeSuiteWords,
  keyValueLines,
  spiWords,
} from './words.ts'

export async function showStatus(cli: Cli, options: { readonly json?: boolean }): Promise<number> {
  const connections = await runningConnections(cli)
  if (options.json === true) cli.terminal.out(JSON.stringify(connections, null, 2))
  else if (connections.length === 0) cli.terminal.out('Not connected.')
  else {
    for (const [index, connection] of connections.entries()) {
      if (index > 0) cli.terminal.out('')
      for (const line of statusLines(cli.terminal, connection, Date.now())) cli.terminal.out(line)
    }
  }
  return exitCodes.done.number
}

const tones: Readonly<Record<ConnectionStatus['state']['kind'], Tone>> = {
  disconnected: 'faint',
  connecting: 'busy',
  connected: 'ok',
  reconnecting: 'busy',
  disconnecting: 'busy',
  failed: 'bad',
}

type Row = readonly [string, string]

/** One connection in words. `now` is in milliseconds since 1970. */
export function statusLines(terminal: Terminal, status: ConnectionStatus, now: number): string[] {
  const { state, since } = status
  const age = state.kind === 'connected' && since !== undefined ? ` · ${durationWords(now - since)}` : ''
  const heading = `${terminal.tint('strong', status.profileName)}  ${terminal.tint(tones[state.kind], stateWords(state))}${age}`
  const rows: Row[] = [
    ...connectionRows(status),
    ...killSwitchRows(status),
    ...status.ikeSas.flatMap(ikeRows),
    ...manualSaRows(status.manualSas),
    ...policyRows(status),
    ...dropRows(status),
  ]
  return [
    heading,
    ...(rows.length === 0 ? [] : keyValueLines(rows.map(([name, value]) => [name, printable(value)]))),
  ]
}

function connectionRows(status: ConnectionStatus): Row[] {
  const { state, gateway, virtualAddresses, dns, interfaceName, mtu, dataPlane, question } = status
  const rows: Row[] = []
  if (state.kind === 'failed') {
    const { what, next } = errorWords(state.failure)
    rows.push(['Problem', what], ['', next])
  }
  if (question !== undefined) rows.push(['Waiting for', question.text])
  if (gateway !== undefined)
    rows.push(['Gateway', `${gateway.name} (${endpointWords(gateway.address, gateway.port)})`])
  if (virtualAddresses.length > 0) rows.push(['Address', virtualAddresses.join(', ')])
  if (dns.servers.length > 0) {
    rows.push([
      'DNS',
      `${dns.servers.join(', ')}${dns.domains.length === 0 ? '' : ` for ${dns.domains.join(', ')}`}`,
    ])
  }
  if (interfaceName !== undefined) {
    const details = [
      interfaceName,
      ...(mtu === undefined ? [] : [`MTU ${mtu}`]),
      ...(dataPlane === undefined ? [] : [`${dataPlane} data plane`]),
    ]
    rows.push(['Adapter', details.join(', ')])
  }
  return rows
}

const keyAge = ({ ageMs, rekeyInMs }: { readonly ageMs: number; readonly rekeyInMs?: number }): string =>
  `age ${durationWords(ageMs)}${rekeyInMs === undefined ? '' : `, new keys in ${durationWords(rekeyInMs)}`}`

const ikeRows = (sa: IkeSaStatus): Row[] => [
  ['IKE SA', `${sa.initiatorSpi} ⇄ ${sa.responderSpi}`],
  ['', `${sa.localIdentity} ⇄ ${sa.remoteIdentity}`],
  ['', ikeSuiteWords(sa.suite)],
  ['', keyAge(sa)],
  ...(sa.weaknesses ?? []).map((weakness): Row => ['Weak', weaknessWords[weakness]]),
  ...sa.childSas.flatMap(childRows),
]

const weaknessWords: Readonly<Record<IkeWeakness, string>> = {
  'aggressive-psk':
    'aggressive mode with a shared key: whoever listens can guess the key at leisure. Ask for main mode, certificates or IKEv2',
  'guessable-psk':
    'the shared key can be guessed: whoever pretends to be the gateway once can try keys at leisure. Ask for a long random one',
}

const flowWords = ({ packets, bytes }: ChildSaStatus['inbound']): string =>
  `${countWords(packets, 'packet')}, ${byteWords(bytes)}`

const childRows = (sa: ChildSaStatus): Row[] => [
  [
    'Child SA',
    `in ${spiWords(sa.inboundSpi)}, out ${spiWords(sa.outboundSpi)} · ESP ${sa.encapsulation === 'udp' ? 'in UDP, ' : ''}${sa.mode} mode`,
  ],
  ['', espSuiteWords(sa.suite)],
  ['', `${sa.localSelectors.join(', ')} ⇄ ${sa.remoteSelectors.join(', ')}`],
  ['', `received ${flowWords(sa.inbound)} · sent ${flowWords(sa.outbound)}`],
  ['', `${keyAge(sa)}${endWords(sa)}`],
  ...[replayWords(sa)].flatMap((words): Row[] => (words === undefined ? [] : [['', words]])),
]

function dropRows({ drops }: ConnectionStatus): Row[] {
  const reasons = Object.entries(drops).filter(([, count]) => count > 0)
  if (reasons.length === 0) return []
  return [['Dropped', reasons.map(([reason, count]) => `${count} ${reason.replaceAll('-', ' ')}`).join(', ')]]
}
