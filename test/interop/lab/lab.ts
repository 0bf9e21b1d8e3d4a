/** The whole laboratory: network, office, resolver outside, gateway, a person's programs, certificates. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gatewayConfiguration, gatewayOf, userName, userPassword } from './defaults.ts'
import { startFreeradius } from './freeradius.ts'
import { createNetwork } from './network.ts'
import type { Network } from './network.ts'
import { createPki } from './pki.ts'
import type { Pki } from './pki.ts'
import { onExit } from './processes.ts'
import type { Running } from './processes.ts'
import { leaveHalfOpen, startOffice, startOutsideResolver, startProbe, startRelay } from './programs.ts'
import type { Probe } from './programs.ts'
import type { Scenario } from './scenario.ts'
import { createStrongswan } from './strongswan.ts'
import type { Strongswan } from './strongswan.ts'

export interface Lab {
  readonly network: Network
  readonly gateway: Strongswan
  readonly probe: Probe
  readonly pki: Pki
  /** A folder of the run, removed with it. */
  readonly folder: string
  /** Shapes the path alone, for a gateway that is not strongSwan. */
  preparePath(scenario: Scenario): Promise<void>
  /** Shapes the path and configures the gateway; ends what the scenario before left. */
  prepare(scenario: Scenario): Promise<void>
  /** The relay of the scenario being run, if it has one. */
  relay(): Running | undefined
  close(): Promise<void>
}

export const openLab = async (): Promise<Lab> => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-lab-'))
  const forget = onExit(() => rmSync(folder, { recursive: true, force: true }))
  const network = await createNetwork()
  const pki = createPki()
  const programs = await Promise.all([startOffice(network), startOutsideResolver(network)])
  const probe = await startProbe(network.client)
  const gateway = createStrongswan(network.gateway, join(folder, 'gateway'))
  let relay: Running | undefined
  let radius: Running | undefined
  const endRadius = async (): Promise<void> => {
    await radius?.stop()
    radius = undefined
  }
  const prepareRadius = async (scenario: Scenario): Promise<void> => {
    await endRadius()
    const { radius: wanted, asks } = gatewayOf(scenario)
    if (wanted === undefined) return
    radius = await startFreeradius(network.gateway, join(folder, 'radius'), {
      tls: wanted.tls,
      method:
        asks.method === 'eap-tls' ? 'tls' : asks.method === 'eap' && asks.eap === 'peap' ? 'peap' : 'ttls',
      certificate: await pki.get(wanted.certificate),
      clientAuthority: await pki.get('root'),
      user: { name: userName, password: userPassword },
    })
  }
  const endRelay = async (): Promise<void> => {
    await relay?.stop()
    relay = undefined
  }
  const preparePath = async (scenario: Scenario): Promise<void> => {
    await endRelay()
    const { relay: wanted, ...path } = scenario.path ?? {}
    await network.shape(path)
    if (wanted !== undefined) relay = await startRelay(network, wanted)
  }
  return {
    network,
    gateway,
    probe,
    pki,
    folder,
    preparePath,
    prepare: async (scenario) => {
      await preparePath(scenario)
      await prepareRadius(scenario)
      await gateway.configure(await gatewayConfiguration(scenario, pki))
      if (scenario.gatewayIsBusy === true) await leaveHalfOpen(network, gatewayOf(scenario).ike.join())
    },
    relay: () => relay,
    close: async () => {
      await endRelay()
      await endRadius()
      await probe.close()
      await gateway.close()
      for (const program of programs) await program.stop()
      await network.close()
      forget()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
