/** strongSwan as the client, in the client's namespace. */
import { join } from 'node:path'
import { strongswanClientConfiguration } from './defaults.ts'
import type { Lab } from './lab.ts'
import { createStrongswan, mustSwanctl } from './strongswan.ts'
import type { Strongswan, StrongswanChild, StrongswanIkeSa } from './strongswan.ts'
import { espSuiteOf, ikeSuiteOf } from './suite-names.ts'
import type { VpnClient } from './vpn-client.ts'

export interface StrongswanClient extends VpnClient {
  readonly daemon: Strongswan
}

export const createStrongswanClient = (lab: Lab): StrongswanClient => {
  const daemon = createStrongswan(lab.network.client, join(lab.folder, 'strongswan-client'))
  const standing = async (): Promise<readonly [StrongswanIkeSa, StrongswanChild]> => {
    const ike = (await daemon.sas()).find((sa) => sa.state === 'ESTABLISHED')
    const child = ike?.children.find((one) => one.state === 'INSTALLED')
    if (ike === undefined || child === undefined) throw new Error(`no SA stands\n${daemon.log()}`)
    return [ike, child]
  }
  return {
    daemon,
    label: 'strongswan',
    appliesDns: false,
    restores: false,
    connect: async (scenario) => {
      await daemon.configure(await strongswanClientConfiguration(scenario, lab.pki))
      const finished = await daemon.swanctl('--initiate', '--child', 'office', '--timeout', '20')
      if (finished.status !== 0) {
        return { kind: 'failed', code: undefined, exitStatus: finished.status, text: finished.stdout }
      }
      return {
        kind: 'connected',
        session: {
          view: async () => {
            const [ike, child] = await standing()
            return {
              ike: ikeSuiteOf(ike.suite),
              esp: espSuiteOf(child.suite, child.extended),
              virtualAddresses: ike.virtualAddresses,
              remoteSelectors: child.remoteSelectors,
              bytesIn: child.bytesIn,
              bytesOut: child.bytesOut,
            }
          },
          rekey: async (what) => {
            await mustSwanctl(daemon, '--rekey', `--${what}`, what === 'ike' ? 'lab' : 'office')
          },
          states: () => [],
          disconnect: async () => {
            await mustSwanctl(daemon, '--terminate', '--ike', 'lab', '--timeout', '5')
          },
        },
      }
    },
    close: () => daemon.close(),
  }
}
