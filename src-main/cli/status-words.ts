/** The parts of `culvert status` that tell of policies, the kill switch and the anti-replay window. */
import type {
  ChildSaStatus,
  ConnectionStatus,
  KillSwitchState,
  PolicyStatus,
} from '../../src-shared/status.ts'
import { durationWords, spiWords } from './words.ts'

type Row = readonly [string, string]

const killSwitchWords: Readonly<Record<KillSwitchState, string | undefined>> = {
  off: undefined,
  armed: 'on: nothing leaves this machine beside the tunnel',
  holding: 'holds: nothing leaves this machine; `culvert release` lets it out',
}

export function killSwitchRows({ killSwitch = 'off', state }: ConnectionStatus): readonly Row[] {
  const words = killSwitchWords[killSwitch]
  if (words === undefined) return []
  // While it is being connected nobody has to do anything.
  return [['Kill switch', state.kind === 'failed' ? words : (words.split(';')[0] ?? words)]]
}

const actionWords: Readonly<Record<PolicyStatus['action'], string>> = {
  protect: 'protect',
  bypass: 'bypass ',
  discard: 'discard',
}

function policyWords({ action, local, remote, protocol, spi, reason }: PolicyStatus): string {
  const selectors = `${local} → ${remote}${protocol === 'any' ? '' : ` ${protocol}`}`
  return `${actionWords[action]}  ${selectors}  (${spi === undefined ? reason : `SA ${spiWords(spi)}`})`
}

const mostShown = 12

/** What leaves, in the order in which it is asked; what comes in mirrors it. */
export function policyRows({ policies = [] }: ConnectionStatus): readonly Row[] {
  const outbound = policies.filter(({ direction }) => direction === 'outbound')
  const shown = outbound.slice(0, mostShown).map(policyWords)
  const more = outbound.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more; \`culvert status --json\` shows all`] : [])].map(
    (words, index) => [index === 0 ? 'Policies' : '', words],
  )
}

/** `anti-replay window of 64, 3 of the last 64 missing`; undefined where the plane does not tell. */
export function replayWords({ replayWindow }: ChildSaStatus): string | undefined {
  if (replayWindow === undefined) return undefined
  const { size, seen } = replayWindow
  const missing = seen.replaceAll('1', '').length
  return `anti-replay window of ${size}${missing === 0 ? '' : `, ${missing} of the last ${seen.length} missing`}`
}

export const endWords = ({ expiresInMs }: Pick<ChildSaStatus, 'expiresInMs'>): string =>
  expiresInMs === undefined ? '' : `, ends in ${durationWords(expiresInMs)}`
