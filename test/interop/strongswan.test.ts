/**
 * Culvert against Debian's strongSwan as the gateway, one test a scenario. With INTEROP_CLIENT=strongswan the client is
 * strongSwan too, which proves the lab and the scenarios themselves.
 */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createCulvert } from './lab/culvert.ts'
import { openLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { createStrongswanClient } from './lab/strongswan-client.ts'
import type { VpnClient } from './lab/vpn-client.ts'
import { whyNot } from './lab/machine.ts'
import { runScenario } from './run-scenario.ts'
import { scenarios } from './scenarios/all.ts'

const wanted = process.env['INTEROP_CLIENT'] ?? 'culvert'
const missing = whyNot()

describe.skipIf(missing !== undefined)(
  `${wanted} against strongSwan${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let lab: Lab
    let client: VpnClient
    beforeAll(async () => {
      lab = await openLab()
      // Four RSA-4096 keys take seconds: they are made while the first scenarios run.
      void lab.pki.get('gateway-big-chain')
      client = wanted === 'strongswan' ? createStrongswanClient(lab) : createCulvert(lab)
    })
    afterAll(async () => {
      await lab.close()
    })
    for (const scenario of scenarios) {
      const cannot = wanted === 'strongswan' ? scenario.notWithStrongswan : undefined
      // What only the other client can show is not a test of this one.
      if (cannot !== undefined) continue
      it(
        scenario.name,
        async () => {
          await runScenario(lab, client, scenario)
        },
        scenario.timeoutMs ?? 60_000,
      )
    }
  },
)
