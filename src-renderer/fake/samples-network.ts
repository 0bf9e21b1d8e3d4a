import type { Slices } from '../../src-shared/contract.ts'
import type { MachineCheck, NetworkReport, PathReport, PortReport } from '../../src-shared/network-report.ts'

const fit = (name: string): MachineCheck => ({ name, status: 'ok', text: `${name} is there` })
const machine: readonly MachineCheck[] = [
  ...['tun', 'privilege', 'ip-tool', 'resolver', 'clock', 'ipv6'].map(fit),
  {
    name: 'nftables',
    status: 'warn',
    text: 'nft is missing; the kill switch needs it',
    advice: 'Install nftables ("apt install nftables") to use the kill switch.',
  },
]

const address = '198.51.100.7'
const port = (number: number, outcome: PortReport['outcome']): PortReport => ({
  address,
  port: number,
  outcome,
})
const answered = { kind: 'answered', afterMs: 18.4, detail: 'an IKEv2 gateway' } as const

/** As the connection failed, so does its gateway answer: nowhere, not at all, or at both ports. */
export function sampleNetworkReport(
  { connections, library }: Slices,
  profileId: string | undefined,
): NetworkReport {
  const profile = library.entries.find((entry) => entry.profile.id === profileId)?.profile
  if (profile === undefined) return { machine }
  const state = connections.find((one) => one.profileId === profileId)?.state
  const code = state?.kind === 'failed' ? state.failure.code : undefined
  const outcome = code === 'gateway-unreachable' ? ({ kind: 'silent' } as const) : answered
  const path: PathReport =
    code === 'gateway-not-found'
      ? { kind: 'not-found' }
      : { kind: 'found', addresses: [address], ports: [port(500, outcome), port(4500, outcome)] }
  return { machine, gateway: { name: profile.gateway.address, ikeVersion: profile.ikeVersion, path } }
}
