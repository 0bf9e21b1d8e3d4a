/** What the window shows as "Check this network". */
import type { MachineCheck, NetworkReport, PathReport } from '../../src-shared/network-report.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'

export interface NetworkProbes {
  readonly machine: () => Promise<readonly MachineCheck[]>
  /** Rejects with VpnError 'cancelled' when the signal says so. */
  readonly path: (gateway: string, signal: AbortSignal) => Promise<PathReport>
}

/** Longer than two silent ports take (3 s); a resolver may never answer. */
const PATIENCE_MS = 10_000

/** Checks of what only a gateway or the demo needs. */
const notForClients = /^(port-\d+|user-namespaces)$/

/** `profile`: whose gateway is asked; absent: only this machine is looked at. */
export async function checkNetwork(
  probes: NetworkProbes,
  profile: Pick<Profile, 'gateway' | 'ikeVersion'> | undefined,
): Promise<NetworkReport> {
  const [machine, path] = await Promise.all([
    probes.machine(),
    profile === undefined ? undefined : pathTo(probes, profile.gateway.address),
  ])
  const forClients = machine.filter(({ name }) => !notForClients.test(name))
  if (profile === undefined || path === undefined) return { machine: forClients }
  const { gateway, ikeVersion } = profile
  return { machine: forClients, gateway: { name: gateway.address, ikeVersion, path } }
}

async function pathTo({ path }: NetworkProbes, gateway: string): Promise<PathReport> {
  try {
    return await path(gateway, AbortSignal.timeout(PATIENCE_MS))
  } catch (error) {
    // Only looking the name up takes that long: for the person it leads nowhere.
    if (error instanceof VpnError && error.code === 'cancelled') return { kind: 'not-found' }
    throw error
  }
}
