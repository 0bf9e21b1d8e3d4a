/** What a check of the network comes to; pure. */
import type { MachineCheck, NetworkReport } from '../../../src-shared/network-report.ts'

export type Verdict =
  /** This machine cannot make tunnels as it is. */
  | 'machine'
  /** Its name leads to no address. */
  | 'not-found'
  /** No packet gets out towards it. */
  | 'no-route'
  | 'silent'
  /** One that may have version 1 alone: nothing follows from its silence. */
  | 'silent-v1'
  /** One of the two ports is blocked on the way. */
  | 'half'
  | 'answers'
  /** Nothing but this machine was looked at, and it is fit. */
  | 'fit'

/** In one word what there is to say, the worst first. */
export function verdictOf({ machine, gateway }: NetworkReport): Verdict {
  if (machine.some(({ status }) => status === 'fail')) return 'machine'
  if (gateway === undefined) return 'fit'
  if (gateway.path.kind === 'not-found') return 'not-found'
  const { ports } = gateway.path
  if (ports.length > 0 && ports.every(({ outcome }) => outcome.kind === 'unreachable')) return 'no-route'
  const answered = new Set(ports.filter(({ outcome }) => outcome.kind === 'answered').map(({ port }) => port))
  if (answered.size === 0) return gateway.ikeVersion === 1 ? 'silent-v1' : 'silent'
  return answered.size < new Set(ports.map(({ port }) => port)).size ? 'half' : 'answers'
}

/** Checks that the words know; of others the text of the main process is shown. */
const known = ['tun', 'privilege', 'ip-tool', 'resolver', 'clock', 'ipv6', 'nftables'] as const
export type KnownCheck = (typeof known)[number]
export const knownCheck = ({ name }: MachineCheck): KnownCheck | undefined =>
  known.find((one) => one === name)
